import type { Histogram } from './inspection.ts'

/** How lengths (of 1 and more) are distributed; bins are 1, 2–3, 4–7, 8–15 …, from the shortest to the longest. */
export function histogramOf(lengths: readonly number[]): Histogram {
  const count = lengths.length
  if (count === 0) return { count, mean: 0, median: 0, percentile95: 0, longest: 0, bins: [] }
  const sorted = Float64Array.from(lengths).sort()
  const longest = sorted[count - 1]
  const bins: Histogram['bins'] = []
  for (let from = 2 ** Math.floor(Math.log2(sorted[0])); from <= longest; from *= 2) {
    bins.push({ from, to: 2 * from - 1, count: 0 })
  }
  const first = Math.log2(bins[0].from)
  for (const length of sorted) bins[Math.floor(Math.log2(length)) - first].count++
  return {
    count,
    mean: sorted.reduce((sum, length) => sum + length, 0) / count,
    median: quantile(sorted, 0.5),
    percentile95: quantile(sorted, 0.95),
    longest,
    bins,
  }
}

/** The smallest value that this share of the values does not exceed. */
const quantile = (sorted: Float64Array, share: number) => sorted[Math.ceil(share * sorted.length) - 1]
