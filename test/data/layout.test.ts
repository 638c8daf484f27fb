import test from 'ava'
import fc from 'fast-check'
import { TokenFlag } from '../../lib/data/corpus.ts'
import { firstTokens, lastTokens, layOut, placeOf, sentenceAt, textAt } from '../../lib/data/layout.ts'
import { memoryCorpus, numberedDocuments, piecesOf } from '../helpers/memory-corpus.ts'

const corpus = memoryCorpus([
  ['The cat Sat ##ting down', 'It pur ##red'],
  ['Dogs bark', 'loud ##ly', 'every Night ##s'],
])

test('spans are laid out between special tokens with their words, segments and capitals', (t) => {
  const [first, second] = [corpus.document(0), corpus.document(1)]
  const spans = [
    { document: first, start: 2, end: 5 },
    { document: second, start: 4, end: 7 },
  ]
  const input = layOut(corpus.vocabulary, spans, 2)
  const expected = '[CLS] sat ##ting down [SEP] every night ##s [SEP]'
  t.is(piecesOf(corpus, input.ids).join(' '), expected)
  t.deepEqual([...input.words], [-1, 0, 0, 1, -1, 2, 3, 3, -1])
  t.deepEqual([...input.segments], [0, 0, 0, 0, 0, 1, 1, 1, 1])
  t.deepEqual([...input.capitals], [0, 1, 1, 0, 0, 0, 1, 1, 0])
  t.deepEqual(input.spans, [
    { document: 0, start: 2, end: 5, position: 1 },
    { document: 1, start: 4, end: 7, position: 5 },
  ])
  t.is(input.label, 2)
})

test('a span that begins inside a word begins a word of the input', (t) => {
  const input = layOut(corpus.vocabulary, [{ document: corpus.document(0), start: 3, end: 5 }])
  t.deepEqual([...input.words], [-1, 0, 1, -1])
})

test('a token of the corpus has its document, place and sentence', (t) => {
  const { document, token } = placeOf(corpus, corpus.documentStart(1) + 3)
  t.is(document.index, 1)
  t.is(token, 3)
  t.deepEqual(
    [0, 1, 2, 3, 4, 6].map((place) => sentenceAt(document, place)),
    [0, 0, 1, 1, 2, 2],
  )
})

test('spans are cut between words, or inside a word that is longer alone', (t) => {
  const document = corpus.document(0)
  const ends = (span: { start: number; end: number }) => [span.start, span.end]
  t.deepEqual(ends(firstTokens({ document, start: 0, end: 8 }, 3)), [0, 2])
  t.deepEqual(ends(firstTokens({ document, start: 0, end: 8 }, 4)), [0, 4])
  t.deepEqual(ends(firstTokens({ document, start: 2, end: 8 }, 1)), [2, 3])
  t.deepEqual(ends(lastTokens({ document, start: 0, end: 5 }, 2)), [4, 5])
  t.deepEqual(ends(lastTokens({ document, start: 0, end: 5 }, 3)), [2, 5])
  t.deepEqual(ends(lastTokens({ document, start: 0, end: 4 }, 1)), [3, 4])
  t.deepEqual(ends(lastTokens({ document, start: 0, end: 4 }, 9)), [0, 4])
})

test('text holds its token or ends the document, is whole sentences where they fit, and never passes the capacity', (t) => {
  const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 40 }), fc.nat(), (sentences, capacity, seed) => {
      const documents = numberedDocuments([sentences.length], (_, sentence) => sentences[sentence])
      const document = memoryCorpus(documents).document(0)
      const length = document.tokens.length
      const token = seed % length
      const { start, end } = textAt(document, token, capacity)
      t.true(start >= 0 && start < end && end <= length && end - start <= capacity)
      t.true(start <= token)
      if (length <= capacity) return t.deepEqual([start, end], [0, length])
      const bounds = new Set(document.sentences)
      // Either nothing was cut inside a sentence, or the sentence that was cut does not fit.
      if (!bounds.has(end)) t.is(end - start, capacity)
      if (!bounds.has(start)) t.true(token - document.sentences[sentenceAt(document, token)] >= capacity)
      // No further sentence would have fitted behind.
      if (bounds.has(end) && end < length) {
        t.true(document.sentences[sentenceAt(document, end) + 1] - start > capacity)
      }
    }),
  )
})

test('text in the middle of a very long sentence starts at a word', (t) => {
  const [words] = [Array.from({ length: 50 }, (_, word) => (word % 3 ? `##x${word}` : `w${word}`)).join(' ')]
  const document = memoryCorpus([[words]]).document(0)
  for (let token = 0; token < 50; token++) {
    const { start, end } = textAt(document, token, 10)
    if (start > 0 && start < 40) t.truthy(document.flags[start] & TokenFlag.wordStart)
    t.true(start <= token && end - start <= 10)
  }
})
