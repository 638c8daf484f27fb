/** A share as `12.3 %`. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** A number in three digits or a little more: `950`, `12.3k`, `1.2M`, `3.4G`. */
export function short(value: number): string {
  const index = [1e9, 1e6, 1e3].findIndex((size) => value >= size)
  return index < 0 ? value.toFixed(0) : `${(value / [1e9, 1e6, 1e3][index]).toFixed(1)}${'GMk'[index]}`
}

/** Bytes as `950 B`, `12.3 KiB`, `1.2 MiB` or `3.4 GiB`. */
export function bytes(value: number): string {
  const power = value < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(value) / 10))
  const digits = power === 0 ? 0 : 1
  return `${(value / 1024 ** power).toFixed(digits)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`
}

/** Seconds as `1d 2h`, `2h 5m`, `5m 10s` or `10s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.max(0, Math.round(seconds))
  const units: [string, number][] = [
    ['d', 86400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ]
  const first = units.findIndex(([, size]) => whole >= size)
  if (first < 0) return '0s'
  return units
    .slice(first, first + 2)
    .map(([unit, size], i) => `${Math.floor((i === 0 ? whole : whole % units[first][1]) / size)}${unit}`)
    .join(' ')
}
