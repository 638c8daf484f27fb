import test from 'ava'
import fc from 'fast-check'
import { createPermutation } from '../../lib/data/permutation.ts'

test('every length has a bijection', (t) => {
  for (let n = 1; n <= 130; n++) {
    const permute = createPermutation(n, 17, 'order', n)
    const seen = new Set(Array.from({ length: n }, (_, index) => permute(index)))
    t.is(seen.size, n)
    t.is(Math.max(...seen), n - 1)
  }
})

test('longer lengths too, under any seed and coordinates', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.maxSafeNat(), fc.nat(), (n, seed, epoch) => {
      const permute = createPermutation(n, seed, epoch)
      const hit = new Uint8Array(n)
      for (let index = 0; index < n; index++) hit[permute(index)]++
      return hit.every((count) => count === 1)
    }),
    { numRuns: 60 },
  )
  t.pass()
})

test('values stay in range near 2^32', (t) => {
  for (const n of [2 ** 32, 2 ** 32 - 1, 2 ** 31 + 1]) {
    const permute = createPermutation(n, 1)
    const values = [0, 1, n - 2, n - 1].map(permute)
    t.true(values.every((value) => Number.isInteger(value) && value >= 0 && value < n))
    t.is(new Set(values).size, 4)
  }
})

test('another seed or epoch gives another order, and orders look random', (t) => {
  const n = 1000
  const order = (seed: number, epoch: number) =>
    Array.from({ length: n }, (_, i) => i).map(createPermutation(n, seed, epoch))
  const first = order(1, 0)
  t.notDeepEqual(first, order(2, 0))
  t.notDeepEqual(first, order(1, 1))
  t.deepEqual(first, order(1, 0))
  const fixed = first.filter((value, index) => value === index).length
  t.true(fixed <= 7, `${fixed} fixed points; a random order has more than 7 once in 100,000 times`)
  const ascents = first.filter((value, index) => index > 0 && value > first[index - 1]).length
  t.true(Math.abs(ascents - (n - 1) / 2) < 5 * Math.sqrt((n + 1) / 12), `${ascents} ascents`)
})

test('lengths and indices out of range are refused', (t) => {
  for (const n of [0, -1, 1.5, 2 ** 33, Number.NaN])
    t.throws(() => createPermutation(n, 1), { instanceOf: RangeError })
  const permute = createPermutation(3, 1)
  for (const index of [-1, 3, Number.NaN]) t.throws(() => permute(index), { instanceOf: RangeError })
})
