import { EverlearnError } from '../../error.ts'
import type { BadRowHandler, Input, PairColumns, Reading, SourceDocument } from './input.ts'

/** A row of a table, or the object of a line. */
export interface Row {
  /** In the order of {@link wantedColumns}; undefined where the row has no such column. */
  values: readonly unknown[]
  /** As {@link SourceDocument.line}. */
  line: number
  /** Line of the file or row of the Parquet file, from 1, for messages. */
  number: () => number | Promise<number>
}

/** What rows of an input are called in messages. */
const unitOf = { text: 'line', jsonl: 'line', tsv: 'line', parquet: 'row' } as const

export function wantedColumns({ field, pairs }: Reading): string[] {
  if (pairs === null) return [field]
  return [pairs.first, pairs.second, ...(pairs.label === null ? [] : [pairs.label])]
}

/** A row that cannot be used. */
export async function badRow(input: Input, row: Pick<Row, 'number'>, what: string, code = 'ROW_INVALID') {
  return new EverlearnError(code, `${input.title} ${unitOf[input.format]} ${await row.number()} ${what}`)
}

/**
 * The document that a row holds; null for one without text. Paragraphs are the lines of its text that are not blank; of
 * a pair, the two texts. A row that cannot be used is given to `onBad`.
 */
export async function documentOfRow(
  input: Input,
  row: Row,
  reading: Reading,
  onBad: BadRowHandler,
): Promise<SourceDocument | null> {
  const made = reading.pairs === null ? documentOf(row, reading) : pairOf(row, reading.pairs, reading)
  if (typeof made === 'string') {
    onBad(await badRow(input, row, made))
    return null
  }
  if (made === null) return null
  return { ...made, line: row.line }
}

type Made = Omit<SourceDocument, 'line'> | null | string

function documentOf({ values: [text] }: Row, { field, longestDocument }: Reading): Made {
  if (text === null) return null
  if (typeof text !== 'string') {
    return `has no text in its field "${field}"; name the field that holds the text with --field, or go on with --skip-bad-lines`
  }
  if (text.length > longestDocument) return tooLong(text, longestDocument)
  const paragraphs = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return paragraphs.length === 0 ? null : { paragraphs }
}

function pairOf(
  { values }: Row,
  { first, second, label, labels }: PairColumns,
  { longestDocument }: Reading,
): Made {
  const paragraphs: string[] = []
  for (const [index, column] of [first, second].entries()) {
    const text = values[index]
    if (typeof text !== 'string' || text.trim() === '') {
      return `has no text in its column "${column}"; a pair needs two texts: put it right, or go on with --skip-bad-lines`
    }
    if (text.length > longestDocument) return tooLong(text, longestDocument)
    paragraphs.push(text)
  }
  if (label === null) return { paragraphs }
  const value = values[2]
  if (value === undefined || value === null || value === '' || typeof value === 'object') {
    return `has no label in its column "${label}"; put it right, or go on with --skip-bad-lines`
  }
  const name = String(value)
  if (labels === null) return { paragraphs, label: name }
  if (!Object.hasOwn(labels, name)) {
    return `has the label "${name}"; the labels are ${Object.keys(labels).join(', ')}: name it in --labels, or go on with --skip-bad-lines`
  }
  return { paragraphs, label: labels[name] }
}

const tooLong = (text: string, longest: number): string =>
  `has a text of ${text.length} characters, more than ${longest}; break it up, or go on with --skip-bad-lines`
