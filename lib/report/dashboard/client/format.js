/** @typedef {'number' | 'share' | 'count' | 'bytes' | 'small'} Format */

/** As format.ts of the page's other side. @type {Record<Format, (value: number) => string>} */
const writers = {
  number: (value) => value.toFixed(Math.abs(value) < 10 ? 3 : 2),
  share: (value) => `${(100 * value).toFixed(1)} %`,
  count: (value) => Math.round(value).toLocaleString('en-US'),
  bytes: (value) =>
    value < 2 ** 30 ? `${(value / 2 ** 20).toFixed(0)} MiB` : `${(value / 2 ** 30).toFixed(2)} GiB`,
  small: (value) => Number(value.toPrecision(3)).toString(),
}

/**
 * A value as people read it; a dash where there is none.
 *
 * @param {number | null | undefined} value
 * @param {Format} format
 */
export function formatValue(value, format) {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : writers[format](value)
}

/**
 * Values of an axis, short and alike.
 *
 * @param {(number | null)[]} values
 * @param {Format} format
 */
export function formatTicks(values, format) {
  const known = values.filter((value) => value !== null)
  const step = known.length > 1 ? Math.abs(known[1] - known[0]) : 1
  return values.map((value) => {
    if (value === null) return ''
    if (format === 'share') return `${Number((100 * value).toFixed(step < 0.01 ? 1 : 0))} %`
    if (format === 'bytes' || format === 'small') return formatValue(value, format)
    if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toFixed(2))}M`
    if (Math.abs(value) >= 1e4) return `${Number((value / 1e3).toFixed(1))}k`
    return String(Number(value.toPrecision(4)))
  })
}
