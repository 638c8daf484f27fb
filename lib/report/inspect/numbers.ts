/** A number with thousands apart: `12,345`. */
export const grouped = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 })

/** A share as `12.3 %`; `0 %` of nothing. */
export const percent = (share: number): string => `${Number.isFinite(share) ? (100 * share).toFixed(1) : 0} %`

/** `1st`, `2nd`, `3rd`, `4th`. */
export function ordinal(value: number): string {
  const teens = value % 100 > 10 && value % 100 < 14
  return `${value}${teens ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')}`
}
