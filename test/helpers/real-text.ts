import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Jieba } from '@node-rs/jieba'
import { dict } from '@node-rs/jieba/dict.js'
import type { Corpus } from '../../lib/data/corpus.ts'
import { readVocabulary } from '../../lib/tokenizer/vocabulary.ts'
import { corpusFromDocuments } from './corpus.ts'
import { readLines } from './lines.ts'

export const englishKinds = ['encyclopedia', 'books', 'dialogues'] as const

/** The first documents of each kind of the sample text, their paragraphs a line each. */
export function englishDocuments(ofEachKind: number): { text: string; source: string }[] {
  return englishKinds.flatMap((source) =>
    gunzipSync(readFileSync(`examples/quickstart/data/${source}.txt.gz`))
      .toString()
      .split('\n\n', ofEachKind)
      .map((text) => ({ text, source })),
  )
}

/** A corpus in memory of the sample text with the ERNIE 2.0 vocabulary. */
export function englishCorpus(ofEachKind = 30): Corpus {
  const vocabulary = readVocabulary('examples/quickstart/data/vocab.txt.gz')
  return corpusFromDocuments(englishDocuments(ofEachKind), vocabulary)
}

/**
 * A corpus in memory of Chinese lines, 20 a document, with their words by jieba and two made-up kinds of spans: every
 * third word with the one after it is a phrase, every seventh word an entity.
 */
export function chineseCorpus(): Corpus {
  const jieba = Jieba.withDict(dict)
  const lines = readLines('test/fixtures/text/chinese-lines.txt.gz')
  const documents = Array.from({ length: Math.ceil(lines.length / 20) }, (_, index) => {
    const own = lines.slice(20 * index, 20 * index + 20)
    const annotations = own.map((line) => {
      const starts: number[] = []
      let at = 0
      for (const word of jieba.cut(line, true)) {
        starts.push(at)
        at += word.length
      }
      const ends = [...starts.slice(1), line.length]
      const spans = (every: number, words: number) =>
        starts.flatMap((start, word) =>
          word % every === 0 && word + words <= starts.length ? [start, ends[word + words - 1]] : [],
        )
      return { words: starts, phrases: spans(3, 2), entities: spans(7, 1) }
    })
    return { text: own.join('\n'), annotations }
  })
  const vocabulary = readVocabulary('test/fixtures/tokenizer/ernie-vocab_zh.txt.gz')
  return corpusFromDocuments(documents, vocabulary, { language: 'zh', annotated: true })
}
