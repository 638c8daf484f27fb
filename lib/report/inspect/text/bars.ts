import { columnsOf, padColumns } from '../../text-width.ts'
import { grouped, percent } from '../numbers.ts'
import type { Paint } from './paint.ts'

const blocks = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const longestName = 40

/**
 * Counts as bars, one a line: `name  count  share bar`. The longest bar fills what the width leaves.
 *
 * @param total what the shares are of
 */
export function bars(
  rows: readonly { name: string; count: number }[],
  total: number,
  { paint, width, indent }: { paint: Paint; width: number; indent: string },
): string[] {
  const names = rows.map(({ name }) => shorten(name))
  const nameWidth = Math.max(...names.map(columnsOf))
  const counts = rows.map(({ count }) => grouped(count))
  const countWidth = Math.max(...counts.map(({ length }) => length))
  const room = Math.min(40, Math.max(0, width - indent.length - nameWidth - countWidth - 13))
  const most = Math.max(1, ...rows.map(({ count }) => count))
  return rows.map(({ count }, index) => {
    const head = `${indent}${padColumns(names[index], nameWidth)}  ${counts[index].padStart(countWidth)}`
    const bar = paint('bar', barOf((room * count) / most))
    return `${head}  ${percent(count / total).padStart(7)}  ${bar}`.trimEnd()
  })
}

function barOf(length: number): string {
  const eighths = Math.round(8 * length)
  return '█'.repeat(eighths >> 3) + blocks[eighths & 7]
}

function shorten(name: string): string {
  if (columnsOf(name) <= longestName) return name
  let short = ''
  for (const character of name) {
    if (columnsOf(short + character) > longestName - 1) break
    short += character
  }
  return `${short}…`
}
