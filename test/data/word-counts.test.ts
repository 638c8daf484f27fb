import test from 'ava'
import fc from 'fast-check'
import { type Corpus, type Document, TokenFlag } from '../../lib/data/corpus.ts'
import { mostCounted, wordCount, writeWordCounts } from '../../lib/data/word-counts.ts'
import { wordsOf } from '../helpers/draws.ts'
import { chineseCorpus, englishCorpus } from '../helpers/real-text.ts'

/** Counts of a document by a map of the words' texts; 0 inside words. */
function expectedCounts(corpus: Corpus, document: Document): number[] {
  const words = wordsOf(corpus, document.index)
  const counts = new Map<string, number>()
  for (const { text } of words) counts.set(text, (counts.get(text) ?? 0) + 1)
  const expected: number[] = Array.from(document.tokens, () => 0)
  for (const { from, text } of words) expected[from] = Math.min(counts.get(text) as number, 31)
  return expected
}

test('each word has its count at its first piece, and the other flags are kept', (t) => {
  const { wordStart, capital, basicStart } = TokenFlag
  // a b·c a b b·c b·c·a
  const ids = Uint32Array.of(7, 8, 9, 7, 8, 8, 9, 8, 9, 7)
  const flags = [1, 1, 0, 1, 1, 1, 0, 1, 0, 0].map((start) => (start ? wordStart | basicStart : capital))
  const written = Uint8Array.from(flags)
  writeWordCounts(ids, written)
  const counts = [2, 2, 0, 2, 1, 2, 0, 1, 0, 0]
  t.deepEqual(
    counts.map((_, token) => wordCount({ flags: written }, token)),
    counts,
  )
  t.deepEqual(
    [...written].map((flag) => flag & 7),
    flags,
  )
})

test('counts end at the most that fits', (t) => {
  for (const length of [1, mostCounted - 1, mostCounted, mostCounted + 1, 5000]) {
    const flags = new Uint8Array(length).fill(TokenFlag.wordStart)
    writeWordCounts(new Uint32Array(length).fill(3), flags)
    t.is(wordCount({ flags }, length - 1), Math.min(length, 31))
  }
  t.notThrows(() => writeWordCounts(new Uint32Array(0), new Uint8Array(0)))
})

test('any number of different words is counted', (t) => {
  const piece = fc.record({ id: fc.nat(40), starts: fc.boolean() })
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 3000, size: 'max' }), (pieces) => {
      const ids = Uint32Array.from(pieces, ({ id }) => id)
      const flags = Uint8Array.from(pieces, ({ starts }, token) => Number(starts || token === 0))
      const words: string[] = []
      for (const [token, id] of ids.entries()) {
        if (flags[token]) words.push(`${id}`)
        else words[words.length - 1] += ` ${id}`
      }
      const counts = new Map<string, number>()
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
      writeWordCounts(ids, flags)
      const found = [...flags.keys()]
        .filter((token) => flags[token] & 1)
        .map((token) => wordCount({ flags }, token))
      t.deepEqual(
        found,
        words.map((word) => Math.min(counts.get(word) as number, 31)),
      )
    }),
    { numRuns: 30 },
  )
})

for (const [language, corpus] of [
  ['English', englishCorpus(15)],
  ['Chinese', chineseCorpus()],
] as const) {
  test(`the words of ${language} documents are counted`, (t) => {
    let most = 0
    for (let index = 0; index < corpus.documentCount; index++) {
      const document = corpus.document(index)
      const counts = Array.from(document.tokens, (_, token) => wordCount(document, token))
      t.deepEqual(counts, expectedCounts(corpus, document))
      most = Math.max(most, ...counts)
    }
    t.is(most, 31)
  })
}
