import test from 'ava'
import fc from 'fast-check'
import { createBm25, searchTerms } from '../../lib/data/bm25.ts'

const words = ['wing', 'shock', 'wave', 'heat', 'the', 'of']
const textOf = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((chosen) => chosen.join(' '))

/** The formula word for word, over one text. */
function scoreOf(texts: string[], text: string, query: string, k1: number, b: number): number {
  const split = (each: string) => each.split(' ').filter(Boolean)
  const mean = texts.reduce((sum, each) => sum + split(each).length, 0) / texts.length
  let score = 0
  for (const word of split(query)) {
    const n = texts.filter((each) => split(each).includes(word)).length
    const frequency = split(text).filter((each) => each === word).length
    if (frequency === 0) continue
    const idf = Math.log(1 + (texts.length - n + 0.5) / (n + 0.5))
    score += (idf * frequency * (k1 + 1)) / (frequency + k1 * (1 - b + (b * split(text).length) / mean))
  }
  return score
}

test('scores and order are those of the formula', (t) => {
  const options = fc.record({
    k1: fc.double({ min: 0.1, max: 3, noNaN: true }),
    b: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(
      fc.array(textOf, { minLength: 1, maxLength: 20 }),
      textOf,
      options,
      (texts, query, { k1, b }) => {
        const found = createBm25(texts, { k1, b }).search(query, texts.length)
        const expected = texts.map((text) => scoreOf(texts, text, query, k1, b))
        t.is(found.length, expected.filter((score) => score > 0).length)
        for (const { text, score } of found) t.true(Math.abs(score - expected[text]) < 1e-9 * (1 + score))
        for (let i = 1; i < found.length; i++) {
          t.true(found[i - 1].score >= found[i].score)
          if (found[i - 1].score === found[i].score) t.true(found[i - 1].text < found[i].text)
        }
      },
    ),
  )
})

test('k1 is 1.2 and b 0.75 unless told otherwise', (t) => {
  const texts = ['wing wing heat', 'wing', 'the of shock wave']
  for (const { text, score } of createBm25(texts).search('wing heat', 3)) {
    t.true(Math.abs(score - scoreOf(texts, texts[text], 'wing heat', 1.2, 0.75)) < 1e-12)
  }
})

test('only so many texts, and only those that are accepted', (t) => {
  const { search } = createBm25(['wing', 'wing wing', 'wing heat', 'heat'])
  t.is(search('wing', 2).length, 2)
  t.deepEqual(
    search('wing', 9, (text) => text === 2).map(({ text }) => text),
    [2],
  )
  t.deepEqual(search('nothing', 9), [])
  t.deepEqual(createBm25([]).search('wing', 9), [])
})

test('terms are words in small letters, and pairs of ideographs', (t) => {
  t.deepEqual(searchTerms('Wing-body, Mach 0.6 über'), ['wing', 'body', 'mach', '0', '6', 'über'])
  t.deepEqual(searchTerms('打开app的链接，好'), ['打开', 'app', '的链', '链接', '好'])
  t.deepEqual(searchTerms(' … '), [])
})
