import { EverlearnError } from '../error.ts'
import type { RelevanceRow } from './shown-negatives.ts'
import { readLines } from './text-lines.ts'

const labels = new Map(
  ['clicked', 'shown', 'random'].flatMap((label, index) => [
    [label, label],
    [String(index), label],
  ]),
)
const longestLine = 1 << 24

/**
 * Rows of a TSV file with the names of its columns in the first line; signs have no special meaning in it.
 *
 * @param columns names as in `first=query,second=title,label=label`; without a label every row is clicked
 * @throws EverlearnError `USAGE`, `COLUMN_MISSING`, `ROW_INVALID` and `LABEL_UNKNOWN`, naming the line, and what reading
 * a file throws
 */
export async function readRelevanceRows(path: string, columns: string): Promise<RelevanceRow[]> {
  const wanted = parseColumns(columns)
  const rows: RelevanceRow[] = []
  let header: string[] | undefined
  for await (const { lines, firstLine } of readLines(path, longestLine)) {
    for (const [index, line] of lines.entries()) {
      const cells = line.split('\t')
      if (!header) {
        header = cells
        checkColumns(path, header, Object.values(wanted))
      } else if (line !== '') {
        rows.push(readRow(cells, header, wanted, `${path} line ${firstLine + index}`))
      }
    }
  }
  if (rows.length > 0) return rows
  throw new EverlearnError('ROW_INVALID', `${path} has no rows; give a TSV file with a header line and rows`)
}

function parseColumns(columns: string): Record<string, string> {
  const wanted = Object.fromEntries(columns.split(',').map((each) => each.split('=', 2)))
  const unknown = Object.keys(wanted).filter((key) => !['first', 'second', 'label'].includes(key))
  if (wanted.first && wanted.second && unknown.length === 0 && wanted.label !== '') return wanted
  throw new EverlearnError(
    'USAGE',
    `--columns is "${columns}"; write first=QUERY,second=TITLE,label=LABEL with the names of the file's columns`,
  )
}

function checkColumns(path: string, header: string[], wanted: string[]): void {
  const missing = wanted.filter((column) => !header.includes(column))
  if (missing.length === 0) return
  throw new EverlearnError(
    'COLUMN_MISSING',
    `${path} has no column ${missing.join(', ')}; its columns are ${header.join(', ')}: name them with --columns`,
  )
}

function readRow(
  cells: string[],
  header: string[],
  wanted: Record<string, string>,
  where: string,
): RelevanceRow {
  const cell = (role: string) => cells[header.indexOf(wanted[role])]?.trim() ?? ''
  const [query, title] = [cell('first'), cell('second')]
  if (cells.length !== header.length || query === '' || title === '') {
    const found =
      cells.length === header.length ? 'an empty text' : `${cells.length} columns, not ${header.length}`
    throw new EverlearnError('ROW_INVALID', `${where} has ${found}; correct it or take it out`)
  }
  const label = wanted.label === undefined ? 'clicked' : labels.get(cell('label'))
  if (label !== undefined) return { query, title, label }
  throw new EverlearnError(
    'LABEL_UNKNOWN',
    `${where} has the label "${cell('label')}"; write clicked, shown or random (0, 1, 2)`,
  )
}
