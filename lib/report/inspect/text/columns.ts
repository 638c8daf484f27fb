import { columnsOf, padColumns } from '../../text-width.ts'

/** One line of one column. */
export interface Cell {
  /** Empty where the row has nothing here. */
  text: string
  /** Gives the text its look, the padding included where `fill` is given. */
  paint(text: string): string
  /** Goes on from the cell to its left: a line is drawn through both. */
  goesOn?: boolean
}

/** Cells that stand over each other. */
export interface Column {
  cells: Cell[]
  blankBefore: boolean
}

export const emptyCell: Cell = { text: '', paint: (text) => text }

const line = '─'

/**
 * Lays columns out next to each other in lines of at most `width` terminal columns (a single wider column has a line of
 * its own). Columns stand close where no blank is wanted before the right one, unless texts of both would run together
 * in a row other than `close`. Rows without a text are left out.
 */
export function layOutColumns(columns: readonly Column[], width: number, close: number): string[] {
  const lines: string[] = []
  let row: Column[] = []
  let used = 0
  for (const column of columns) {
    const last = row.at(-1)
    const gap = last === undefined ? 0 : gapOf(last, column, close)
    if (last !== undefined && used + gap + widthOf(column) > width) {
      lines.push(...rowsOf(row, close))
      row = []
      used = 0
    }
    used += (row.length === 0 ? 0 : gap) + widthOf(column)
    row.push(column)
  }
  return row.length === 0 ? lines : [...lines, ...rowsOf(row, close)]
}

const widthOf = ({ cells }: Column) => Math.max(...cells.map(({ text }) => columnsOf(text)))

function gapOf(left: Column, right: Column, close: number): number {
  if (right.blankBefore) return 1
  const width = widthOf(left)
  const touches = left.cells.some(
    ({ text }, row) =>
      row !== close && columnsOf(text) === width && right.cells[row].text !== '' && !right.cells[row].goesOn,
  )
  return touches ? 1 : 0
}

function rowsOf(columns: readonly Column[], close: number): string[] {
  const lines: string[] = []
  for (let row = 0; row < columns[0].cells.length; row++) {
    if (columns.every(({ cells }) => cells[row].text === '')) continue
    let text = ''
    columns.forEach((column, index) => {
      const cell = column.cells[row]
      const next = columns[index + 1]
      const follows = next?.cells[row].goesOn === true
      const fill = follows || cell.goesOn ? line : ' '
      const content = fill === line ? padColumns(cell.text, widthOf(column), line) : cell.text
      text += cell.paint(content) + ' '.repeat(widthOf(column) - columnsOf(content))
      if (next)
        text += follows
          ? cell.paint(line.repeat(gapOf(column, next, close)))
          : ' '.repeat(gapOf(column, next, close))
    })
    lines.push(text.trimEnd())
  }
  return lines
}
