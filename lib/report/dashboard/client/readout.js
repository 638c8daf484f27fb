import { formatValue } from './format.js'
import { lastKnown } from './series.js'

/**
 * @typedef {import('./format.js').Format} Format
 * @typedef {import('./series.js').ChartSeries} ChartSeries
 */

/**
 * What a chart says at one of its steps, for the list below it and for screen readers; null: where each series ends.
 *
 * @param {ChartSeries[]} series
 * @param {{ x: number[], ys: (number | null)[][] }} aligned
 * @param {Format} format
 * @param {number | null} index
 */
export function readoutAt(series, { x, ys }, format, index) {
  const values = ys.map((y, number) => {
    if (series[number].look === 'level') return formatValue(series[number].y[0], format)
    const at = lastKnown(y, index ?? x.length - 1)
    // A run that had ended by then says nothing more.
    const last = series[number].x[series[number].x.length - 1]
    return at < 0 || (index !== null && x[index] > last) ? '–' : formatValue(y[at], format)
  })
  const text = `${index === null ? 'last' : `step ${formatValue(x[index], 'count')}`}: ${series.map(({ name }, number) => `${name} ${values[number]}`).join('; ')}`
  return { values, text }
}
