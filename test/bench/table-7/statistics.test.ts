import test from 'ava'
import fc from 'fast-check'
import { comparePaired, spreadOf } from '../../../bench/table-7/statistics.ts'

test('mean and sample deviation', (t) => {
  t.deepEqual(spreadOf([2, 4, 4, 4, 5, 5, 7, 9]), { mean: 5, deviation: Math.sqrt(32 / 7) })
  t.deepEqual(spreadOf([3]), { mean: 3, deviation: 0 })
})

test('the sign-flip test by hand', (t) => {
  // All five higher: only one of 32 ways to set the signs is as high.
  const clear = comparePaired([2, 3, 4, 5, 7], [1, 1, 1, 1, 1])
  t.is(clear.higher, 1 / 32)
  t.is(clear.lower, 1)
  t.is(clear.difference.mean, 3.2)
  // Differences 1, 2, −3: their sum 0 is reached or passed by 5 of the 8 sums 6, 2, 4, 0, 0, −4, −2, −6.
  const none = comparePaired([1, 2, 0], [0, 0, 3])
  t.is(none.higher, 5 / 8)
  t.is(none.lower, 5 / 8)
  t.is(comparePaired([1, 1], [1, 1]).higher, 1)
})

test('exchanging the two exchanges the probabilities', (t) => {
  const scores = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(scores, (pairs) => {
      const first = pairs.map(([value]) => value / 50)
      const second = pairs.map(([, value]) => value / 50)
      const there = comparePaired(first, second)
      const back = comparePaired(second, first)
      t.is(there.higher, back.lower)
      t.is(there.lower, back.higher)
      // Ties count on both sides.
      t.true(there.higher + there.lower >= 1)
    }),
  )
})
