/** How the values of a chart are written. The page's client/format.js does the same. */
export type Format = 'number' | 'share' | 'count' | 'bytes' | 'small'

const writers: Record<Format, (value: number) => string> = {
  number: (value) => value.toFixed(Math.abs(value) < 10 ? 3 : 2),
  share: (value) => `${(100 * value).toFixed(1)} %`,
  count: (value) => Math.round(value).toLocaleString('en-US'),
  bytes: (value) =>
    value < 2 ** 30 ? `${(value / 2 ** 20).toFixed(0)} MiB` : `${(value / 2 ** 30).toFixed(2)} GiB`,
  small: (value) => Number(value.toPrecision(3)).toString(),
}

/** A value as people read it; a dash where there is none. */
export function formatValue(value: number | null | undefined, format: Format): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : writers[format](value)
}

/** With its sign, and a real minus; of shares in percentage points. */
export function formatChange(value: number, format: Format): string {
  const text = format === 'share' ? (100 * Math.abs(value)).toFixed(1) : formatValue(Math.abs(value), format)
  if (/^[0.]+$/.test(text)) return `±${text}`
  return `${value < 0 ? '−' : '+'}${text}`
}
