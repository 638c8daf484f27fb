import { isUtf8 } from 'node:buffer'
import { findInputs } from '../data/inputs/find-inputs.ts'
import type { Input } from '../data/inputs/input.ts'
import { readBytes } from '../data/inputs/read-bytes.ts'
import { EverlearnError } from '../error.ts'

/** A line of a table: one value for each column asked for. */
export interface TableRow {
  values: string[]
  /** From 1. */
  line: number
}

/**
 * Rows of a TSV file, whose first line names its columns unless `header` does, or of a JSONL file (.jsonl, .ndjson);
 * plain or gzip. There are no quotes and no escapes in TSV. Blank lines are passed over.
 *
 * @param columns those wanted, in the order of the rows' values
 * @throws EverlearnError `INPUT_MISSING`, `FILE_UNREADABLE`, `NOT_UTF8`, `TABLE_EMPTY`, `COLUMN_MISSING`, `ROW_INVALID`
 */
export async function readTable(
  file: string,
  columns: readonly string[],
  header?: readonly string[],
): Promise<TableRow[]> {
  const [input] = findInputs([file], { pairs: true })
  const lines = await readLines(input)
  const rows =
    input.format === 'jsonl' ? jsonRows(lines, columns, file) : tsvRows(lines, columns, file, header)
  if (rows.length === 0) {
    throw new EverlearnError('TABLE_EMPTY', `${file} has no rows; give a file with at least one row`)
  }
  return rows
}

async function readLines(input: Input): Promise<string[]> {
  const blocks: Buffer[] = []
  for await (const block of readBytes(input)) blocks.push(block)
  const bytes = Buffer.concat(blocks)
  if (!isUtf8(bytes)) {
    throw new EverlearnError(
      'NOT_UTF8',
      `${input.title} is not UTF-8; convert it, for example: iconv -f LATIN1 -t UTF-8 FILE`,
    )
  }
  return bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}

function tsvRows(
  lines: string[],
  wanted: readonly string[],
  file: string,
  given?: readonly string[],
): TableRow[] {
  if (lines.every((line) => line.trim() === '')) return []
  const header = given ?? lines[0].split('\t')
  const places = wanted.map((column) => header.indexOf(column))
  const missing = wanted.find((_, index) => places[index] < 0)
  if (missing !== undefined) {
    throw columnMissing(`${file} has no column "${missing}"; its first line names ${quoted(header)}`)
  }
  return lines.flatMap((line, index) => {
    if ((index === 0 && !given) || line.trim() === '') return []
    const values = line.split('\t')
    if (values.length !== header.length) {
      throw rowInvalid(
        file,
        index,
        `has ${values.length} columns where ${given ? 'the header' : 'the first line'} has ${header.length}`,
      )
    }
    return [{ values: places.map((place) => values[place]), line: index + 1 }]
  })
}

function jsonRows(lines: string[], wanted: readonly string[], file: string): TableRow[] {
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    let object: unknown
    try {
      object = JSON.parse(line)
    } catch (cause) {
      throw rowInvalid(file, index, `is not JSON (${(cause as Error).message})`)
    }
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      throw rowInvalid(file, index, 'is not a JSON object')
    }
    const values = wanted.map((column) => {
      const value = (object as Record<string, unknown>)[column]
      if (value === undefined || value === null) {
        throw columnMissing(
          `${file} line ${index + 1} has no field "${column}"; its fields are ${quoted(Object.keys(object))}`,
        )
      }
      if (typeof value === 'object')
        throw rowInvalid(file, index, `has no text or number in its field "${column}"`)
      return String(value)
    })
    return [{ values, line: index + 1 }]
  })
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

const columnMissing = (found: string): EverlearnError =>
  new EverlearnError('COLUMN_MISSING', `${found}: put the file right, or name the columns as they are`)

const rowInvalid = (file: string, index: number, what: string): EverlearnError =>
  new EverlearnError('ROW_INVALID', `${file} line ${index + 1} ${what}; put it right`)
