import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import type { Corpus, Language } from '../../../lib/data/corpus.ts'
import { sentenceAt } from '../../../lib/data/layout.ts'
import { englishSentenceEnds } from '../../../lib/data/sentences-english.ts'
import { readVocabulary } from '../../../lib/tokenizer/vocabulary.ts'
import { createWordPiece } from '../../../lib/tokenizer/wordpiece.ts'
import { discourseMarkers, noConnective } from '../../../tasks/pretrain/discourse-markers.ts'
import { corpusFromDocuments, smallVocabulary } from '../../helpers/corpus.ts'
import { drawMany, upperFirst } from '../../helpers/discourse-inputs.ts'

const file = (name: string) => new URL(`../../../${name}`, import.meta.url)
const textOf = (name: string) => gunzipSync(readFileSync(file(name))).toString('utf8')

/** What is left of a sentence when its marker is cut off, found in the text itself. */
function cut(sentence: string, language: Language): { marker: string; rest: string } {
  const { bare, withComma } = discourseMarkers[language]
  const longestFirst = [...bare, ...withComma].sort((a, b) => b.length - a.length)
  for (const marker of longestFirst) {
    const comma = language === 'en' ? ',' : '[，,：]'
    const end = language === 'en' ? '(?=[^\\p{L}\\p{N}\\p{M}])' : ''
    const pattern = new RegExp(
      `^\\s*${marker}${end}\\s*(${comma})${bare.includes(marker) ? '?' : ''}\\s*`,
      'iu',
    )
    const match = pattern.exec(sentence)
    if (match) return { marker, rest: sentence.slice(match[0].length) }
  }
  return { marker: noConnective, rest: sentence }
}

/** Draws from documents of known sentences and compares with what the text says. Returns the classes that came. */
function checkAgainstText(
  t: ExecutionContext,
  documents: string[][],
  corpus: Corpus,
  language: Language,
  count: number,
) {
  const { encode } = createWordPiece(corpus.vocabulary, { lowerCase: corpus.manifest.lowerCase })
  const { inputs, classNames } = drawMany(corpus, count, { language })
  t.true(inputs.length > 0.95 * count)
  for (const input of inputs) {
    const [first, second] = input.spans
    const document = corpus.document(second.document)
    const index = sentenceAt(document, second.start)
    const { marker, rest } = cut(documents[second.document][index], language)
    const text = language === 'en' ? upperFirst(rest) : rest
    t.is(classNames[input.label!], marker, documents[second.document][index])
    const wanted = encode(text)
    const length = second.end - second.start
    const { position } = second
    t.deepEqual(input.ids.subarray(position, position + length), wanted.ids.subarray(0, length), text)
    t.deepEqual(
      input.capitals.subarray(position, position + length),
      wanted.capitals.subarray(0, length),
      text,
    )
    t.regex(text.trim(), language === 'en' ? /^\p{Lu}/u : /^\p{L}/u)
    // The first segment is the sentence before it, and nothing else is in the input.
    t.is(first.document, second.document)
    t.is(first.end, document.sentences[index])
    t.is(sentenceAt(document, first.start), index - 1)
    t.is(input.ids.length, first.end - first.start + length + 3)
    t.is(cut(text, language).marker === noConnective || marker === noConnective, true, text)
  }
  return new Set(inputs.map(({ label }) => label))
}

const english = ['encyclopedia', 'books', 'dialogues'].flatMap((kind) =>
  textOf(`examples/quickstart/data/${kind}.txt.gz`)
    .split(/\n\n+/)
    .slice(0, 60)
    .map((document) => document.trim().split('\n').flatMap(sentencesOf)),
)

function sentencesOf(paragraph: string): string[] {
  let start = 0
  return englishSentenceEnds(paragraph).map((end) => {
    const sentence = paragraph.slice(start, end)
    start = end
    return sentence
  })
}

test('on English text every label and every piece of the second segment is what the text says', (t) => {
  const vocabulary = readVocabulary(file('examples/quickstart/data/vocab.txt.gz').pathname)
  const corpus = corpusFromDocuments(
    english.map((document) => [document]),
    vocabulary,
  )
  const classes = checkAgainstText(t, english, corpus, 'en', 1500)
  t.true(classes.size > 40, `${classes.size} classes`)
})

test('the same with a vocabulary that tells small letters from capitals', (t) => {
  const words = new Set(
    english
      .slice(0, 60)
      .flat()
      .join(' ')
      .match(/[A-Za-z]+/g),
  )
  // Some words only in one spelling, so that capitals change the number of their pieces.
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].flatMap((letter) => [letter, `##${letter}`])
  const vocabulary = smallVocabulary([...letters, ...words])
  const corpus = corpusFromDocuments(
    english.slice(0, 60).map((document) => [document]),
    vocabulary,
    { lowerCase: false },
  )
  t.true(checkAgainstText(t, english, corpus, 'en', 600).size > 10)
})

test('on Chinese text every label and every piece of the second segment is what the text says', (t) => {
  const vocabulary = readVocabulary(file('test/fixtures/tokenizer/ernie-vocab_zh.txt.gz').pathname)
  const lines = textOf('test/fixtures/text/chinese-lines.txt.gz').split('\n')
  const documents = lines.map((line) =>
    line.split(/(?<=[。！？；])/).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence)),
  )
  const kept = documents.filter((sentences) => sentences.length > 1)
  const corpus = corpusFromDocuments(
    kept.map((sentences) => [sentences]),
    vocabulary,
    { language: 'zh' },
  )
  t.is(corpus.documentCount, kept.length)
  t.true(checkAgainstText(t, kept, corpus, 'zh', 600).size > 5)
})
