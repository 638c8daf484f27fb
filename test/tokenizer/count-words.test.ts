import test from 'ava'
import fc from 'fast-check'
import { createWordCounter } from '../../lib/tokenizer/count-words.ts'
import { normalizedWords } from '../../lib/tokenizer/normalize.ts'
import { naiveCounts } from '../helpers/naive-wordpiece.ts'

const text = fc.string({
  unit: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...'aAbB', ' ') },
    { weight: 2, arbitrary: fc.constantFrom(...'éÉ\u0301İß中国。,-\t\u200b\u0000😀\u{20000}\ud800\uf900Ǆ') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  ),
  maxLength: 60,
})

const sorted = (counts: Map<string, number>) => [...counts].sort(([a], [b]) => (a < b ? -1 : 1))

for (const lowerCase of [true, false]) {
  test(`counts the words of the normaliser, ${lowerCase ? 'lower-cased' : 'cased'}`, (t) => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), (texts) => {
        const counter = createWordCounter({ lowerCase, mostWords: 1000 })
        for (const each of texts) counter.add(each)
        const { counts, tooLong, forgotten } = counter.finish()
        const words = texts.flatMap((each) => normalizedWords(each, lowerCase))
        t.deepEqual(sorted(counts), sorted(naiveCounts(words.map((word) => word.text))))
        t.deepEqual([tooLong, forgotten], [0, 0])
      }),
      { numRuns: 300, seed: 1 },
    )
  })
}

test('a word of more than 100 code points is counted as too long, in long runs and short ones', (t) => {
  const counter = createWordCounter({ lowerCase: true, mostWords: 1000 })
  const words = ['x'.repeat(100), 'x'.repeat(101), `${'é'.repeat(100)}`, '😀'.repeat(101), 'X'.repeat(3000)]
  for (const word of words) counter.add(`${word} ${word}.`)
  const { counts, tooLong } = counter.finish()
  t.deepEqual(
    counts,
    new Map([
      ['x'.repeat(100), 2],
      ['e'.repeat(100), 2],
      ['.', 5],
    ]),
  )
  t.is(tooLong, 6)
})

test('the rarest words are forgotten when there are too many, and told', (t) => {
  const counter = createWordCounter({ lowerCase: true, mostWords: 100 })
  for (let index = 0; index < 100; index++) counter.add('often Often')
  counter.add(Array.from({ length: 1000 }, (_, index) => `w${index}`).join(' '))
  const { counts, forgotten } = counter.finish()
  t.is(counts.get('often'), 200)
  t.true(counts.size <= 100)
  t.is([...counts.values()].reduce((sum, count) => sum + count, 0) + forgotten, 1200)
  t.true(forgotten >= 900)
})
