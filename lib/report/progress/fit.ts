import { columnsOf, padColumns } from '../text-width.ts'

/** A text cut to a number of terminal columns; what was cut off ends in `…`. */
export function cutColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  if (columns <= 0) return ''
  let cut = ''
  let width = 0
  for (const character of text) {
    width += columnsOf(character)
    if (width > columns - 1) break
    cut += character
  }
  return `${cut}…`
}

/** A part of a line; the one with the lowest rank goes first where there is no room for all. */
export interface Part {
  text: string
  rank: number
}

const gap = '  '

/** As many parts as fit into a line, in their order, the last one cut where it alone is too long. */
export function fitParts(parts: readonly Part[], columns: number): string {
  let kept = parts.filter(({ text }) => text !== '')
  const line = () => kept.map(({ text }) => text).join(gap)
  while (kept.length > 1 && columnsOf(line()) > columns) {
    const least = kept.reduce((a, b) => (b.rank < a.rank ? b : a))
    kept = kept.filter((part) => part !== least)
  }
  return cutColumns(line(), columns)
}

/** A column of a table; the one with the lowest rank goes first where there is no room for all. */
export interface TableColumn {
  cells: string[]
  rank: number
  align: 'left' | 'right'
}

/** Rows of a table of which as many columns are kept as fit; the leftmost is cut where it alone is too wide. */
export function fitTable(columns: readonly TableColumn[], width: number): string[] {
  const widthOf = ({ cells }: TableColumn) => Math.max(0, ...cells.map(columnsOf))
  const widthOfAll = (list: TableColumn[]) =>
    list.reduce((sum, column) => sum + widthOf(column), gap.length * (list.length - 1))
  let kept = columns.filter((column) => widthOf(column) > 0)
  while (kept.length > 1 && widthOfAll(kept) > width) {
    const least = kept.reduce((a, b) => (b.rank < a.rank ? b : a))
    kept = kept.filter((column) => column !== least)
  }
  const rows = kept[0]?.cells.length ?? 0
  return Array.from({ length: rows }, (_, row) => {
    const cells = kept.map(({ cells, align }, index) => {
      const wide = widthOf(kept[index])
      if (align === 'left') return padColumns(cells[row], wide)
      return ' '.repeat(wide - columnsOf(cells[row])) + cells[row]
    })
    return cutColumns(cells.join(gap).trimEnd(), width)
  })
}
