import test from 'ava'
import fc from 'fast-check'
import { fitPair, textsOfPair } from '../../lib/data/pairs.ts'
import { corpusFromDocuments, smallVocabulary } from '../helpers/corpus.ts'

/** A row of words of one letter each. */
const rowOf = (first: number, second: number) =>
  corpusFromDocuments([{ text: [['a '.repeat(first)], ['b '.repeat(second)]] }], smallVocabulary(), {
    kind: 'pairs',
  }).document(0)

test('a row has two texts, a document of other paragraphs none', (t) => {
  const document = rowOf(3, 2)
  t.deepEqual(textsOfPair(document), [
    { document, start: 0, end: 3 },
    { document, start: 3, end: 5 },
  ])
  const corpus = corpusFromDocuments(['one', 'one\ntwo\nthree'], smallVocabulary())
  t.is(textsOfPair(corpus.document(0)), null)
  t.is(textsOfPair(corpus.document(1)), null)
})

test('the longer text is cut first, then both alike', (t) => {
  const length = fc.integer({ min: 1, max: 40 })
  fc.assert(
    fc.property(length, length, fc.integer({ min: 2, max: 60 }), fc.boolean(), (a, b, capacity, atEnd) => {
      const [first, second] = textsOfPair(rowOf(a, b))!
      const [left, right] = fitPair(first, second, capacity, atEnd ? 'end' : 'beginning')
      const [kept, keptSecond] = [left.end - left.start, right.end - right.start]
      t.is(kept + keptSecond, Math.min(a + b, capacity))
      t.true(kept === a || kept >= Math.floor(capacity / 2))
      t.true(keptSecond === b || keptSecond >= Math.floor(capacity / 2))
      t.is(atEnd ? left.end : left.start, atEnd ? first.end : first.start)
      t.is(right.start, second.start)
    }),
  )
})
