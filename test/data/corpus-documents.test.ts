import test from 'ava'
import fc from 'fast-check'
import { TokenFlag } from '../../lib/data/corpus.ts'
import { corpusFromDocuments, smallVocabulary } from '../helpers/corpus.ts'

const vocabulary = smallVocabulary(['the', 'cat', 'sat'])

test('spans and words of an annotation lie at the tokens of their text', (t) => {
  const sentences = 'The cat sat on mats. A big cat ran to New York, quickly.'
  const at = (text: string) => [sentences.indexOf(text), sentences.indexOf(text) + text.length]
  const annotation = { phrases: [...at('The cat'), ...at('A big cat')], entities: at('New York') }
  const corpus = corpusFromDocuments(
    ['Sat.', { text: `It sat.\n${sentences}`, annotations: [{ phrases: [], entities: [] }, annotation] }],
    smallVocabulary([...new Set(sentences.toLowerCase().match(/\w+/g)), 'it']),
    { annotated: true },
  )
  const document = corpus.document(1)
  const words = (spans: Uint32Array) =>
    [...spans].flatMap((start, index) =>
      index % 2
        ? []
        : [
            [...document.tokens.subarray(start, spans[index + 1])]
              .map((id) => corpus.vocabulary.tokens[id])
              .join(' '),
          ],
    )
  t.deepEqual(words(document.phrases), ['the cat', 'a big cat'])
  t.deepEqual(words(document.entities), ['new york'])
  t.deepEqual([corpus.manifest.counts.phrases, corpus.manifest.counts.entities], [2, 1])
  t.is(corpus.document(0).phrases.length, 0)
})

test('spans that begin or end inside a word grow to it; those that then meet an earlier one or pass a sentence do not stay so', (t) => {
  const text = 'One two. Three'
  const [document] = [
    corpusFromDocuments(
      [{ text, annotations: [{ phrases: [1, 5, 6, 12], entities: [0, 3, 3, 3, 9, 99] }] }],
      smallVocabulary(['one', 'two', 'three']),
    ).document(0),
  ]
  t.deepEqual([...document.phrases], [0, 2])
  t.deepEqual([...document.entities], [0, 1, 3, 4])
})

test('Chinese words are those of the annotation, characters stay the basic units', (t) => {
  const text = '北京大学，用GPT训练。'
  const document = corpusFromDocuments(
    [{ text, annotations: [{ words: [0, 4, 5, 6, 7, 9, 11], phrases: [], entities: [] }] }],
    smallVocabulary([...'北京大学，用训练。', 'gpt']),
    { language: 'zh', annotated: true },
  ).document(0)
  const bits = (flag: number) => [...document.flags].map((flags) => Number((flags & flag) !== 0)).join('')
  t.is(document.tokens.length, 10)
  t.is(bits(TokenFlag.wordStart), '1000111101')
  t.is(bits(TokenFlag.basicStart), '1111111111')
})

test('pairs have labels, and texts their sources, whatever piece they are in', (t) => {
  const pair = (label: string, source: string) => ({ text: [['the cat'], ['sat']], label, source })
  const corpus = corpusFromDocuments(
    [pair('shown', 'a'), pair('clicked', 'b'), pair('shown', 'a'), 'the cat'],
    vocabulary,
    { kind: 'pairs' },
  )
  t.deepEqual(corpus.labels, ['clicked', 'shown'])
  const documents = [0, 1, 2, 3].map((index) => corpus.document(index))
  t.deepEqual(
    documents.map(({ label }) => label),
    [1, 0, 1, -1],
  )
  t.deepEqual(
    documents.map(({ source }) => source),
    ['a', 'b', 'a', 'memory'],
  )
})

test('counts and boundaries fit for any documents', (t) => {
  const sentence = fc.array(fc.constantFrom('the', 'cat', 'Sat', 'xyz', '.', '\u200b', ''), { maxLength: 4 })
  const documents = fc.array(
    fc.array(
      fc.array(
        sentence.map((words) => words.join(' ')),
        { maxLength: 3 },
      ),
      { maxLength: 3 },
    ),
  )
  fc.assert(
    fc.property(documents, (texts) => {
      const corpus = corpusFromDocuments(texts, vocabulary)
      const kept = texts
        .map((paragraphs) =>
          paragraphs
            .map((sentences) => sentences.filter((words) => /\w|\./.test(words)))
            .filter((sentences) => sentences.length > 0),
        )
        .filter((paragraphs) => paragraphs.length > 0)
      t.is(corpus.documentCount, kept.length)
      let start = 0
      for (const [index, paragraphs] of kept.entries()) {
        const document = corpus.document(index)
        t.is(document.paragraphs.length, paragraphs.length + 1)
        t.is(document.sentences.length, paragraphs.flat().length + 1)
        t.deepEqual(
          [...document.paragraphs.subarray(1)].map((end, number) => end - document.paragraphs[number]),
          paragraphs.map((sentences) => sentences.length),
        )
        t.true(
          document.sentences.every((value, number) => number === 0 || value > document.sentences[number - 1]),
        )
        t.is(document.sentences.at(-1), document.tokens.length)
        t.is(document.flags.length, document.tokens.length)
        t.is(corpus.documentStart(index), start)
        t.is(corpus.documentAt(start), index)
        start += document.tokens.length
        t.is(corpus.documentAt(start - 1), index)
      }
      t.is(corpus.tokenCount, start)
    }),
  )
})
