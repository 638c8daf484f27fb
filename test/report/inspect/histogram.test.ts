import test from 'ava'
import fc from 'fast-check'
import { histogramOf } from '../../../lib/report/inspect/histogram.ts'

test('bins, mean, median and 95th percentile of a list made by hand', (t) => {
  const lengths = [3, 1, 9, 2, 2, 40]
  t.deepEqual(histogramOf(lengths), {
    count: 6,
    mean: 9.5,
    median: 2,
    percentile95: 40,
    longest: 40,
    bins: [
      { from: 1, to: 1, count: 1 },
      { from: 2, to: 3, count: 3 },
      { from: 4, to: 7, count: 0 },
      { from: 8, to: 15, count: 1 },
      { from: 16, to: 31, count: 0 },
      { from: 32, to: 63, count: 1 },
    ],
  })
})

test('nothing gives no bins', (t) => {
  t.deepEqual(histogramOf([]), { count: 0, mean: 0, median: 0, percentile95: 0, longest: 0, bins: [] })
})

test('each length is in the bin that has it, and 95 of 100 are not above the percentile', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 200 }), (lengths) => {
      const { bins, percentile95 } = histogramOf(lengths)
      for (const { from, to, count } of bins) {
        t.is(count, lengths.filter((length) => length >= from && length <= to).length)
      }
      t.is(
        bins.reduce((sum, { count }) => sum + count, 0),
        lengths.length,
      )
      const share = (limit: number) => lengths.filter((length) => length <= limit).length / lengths.length
      t.true(share(percentile95) >= 0.95)
      t.true(share(percentile95 - 1) < 0.95)
    }),
  )
})
