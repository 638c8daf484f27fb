/**
 * @typedef {object} ChartSeries
 * @property {number} run
 * @property {string} name
 * @property {'line' | 'steps' | 'points' | 'level'} look
 * @property {number[]} x
 * @property {(number | null)[]} y
 */

/**
 * Series of different steps over all of their steps together; null where a series has none.
 *
 * @param {ChartSeries[]} series
 * @returns {{ x: number[], ys: (number | null)[][] }}
 */
export function alignSeries(series) {
  const x = [...new Set(series.flatMap((each) => each.x))].sort((a, b) => a - b)
  const ys = series.map((each) => {
    const values = new Map(each.x.map((step, index) => [step, each.y[index]]))
    return x.map((step) => values.get(step) ?? null)
  })
  return { x, ys }
}

/**
 * Running mean in which a value's weight falls by half over `half` values, the first ones corrected for what is missing
 * before them. Nulls stay.
 *
 * @param {(number | null)[]} values
 * @param {number} half
 */
export function smooth(values, half) {
  const keep = 0.5 ** (1 / half)
  let sum = 0
  let weight = 0
  return values.map((value) => {
    if (value === null) return null
    sum = keep * sum + (1 - keep) * value
    weight = keep * weight + (1 - keep)
    return sum / weight
  })
}

/** How many values a smoothed line of so many looks back. @param {number} count */
export const smoothing = (count) => Math.max(1, count / 60)

/**
 * Index of the value of a series at a place of the common steps: the last one that is known up to it, -1 if none.
 *
 * @param {(number | null)[]} values
 * @param {number} index
 */
export function lastKnown(values, index) {
  let at = index
  while (at >= 0 && values[at] === null) at--
  return at
}
