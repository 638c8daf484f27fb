import { EverlearnError } from '../../error.ts'
import { type ByteChunk, lineNumber, readChunks } from './byte-chunks.ts'
import { chunkLines } from './chunk-lines.ts'
import type { BadRowHandler, Input, Reading } from './input.ts'
import { badRow, type Row, wantedColumns } from './rows.ts'

/**
 * Names of the columns: those in the first line that is given.
 *
 * @throws EverlearnError `COLUMN_MISSING` where one is missing that is wanted
 */
export async function tsvColumns(input: Input, chunk: ByteChunk, reading: Reading): Promise<string[]> {
  const [header = ''] = await chunkLines(input, chunk)
  const columns = header.split('\t')
  const missing = wantedColumns(reading).find((column) => !columns.includes(column))
  if (missing !== undefined) {
    throw new EverlearnError(
      'COLUMN_MISSING',
      `${input.title} has no column "${missing}"; its first line names ${columns.map((name) => `"${name}"`).join(', ')}: ` +
        'say which are meant, for example --columns first=sentence1,second=sentence2,label=label',
    )
  }
  return columns
}

/** {@link tsvColumns} of a file of which only a part is read. */
export async function tsvColumnsOfFile(input: Input, reading: Reading): Promise<string[]> {
  const chunks = readChunks(input, 'line end', reading)
  try {
    const { done, value } = await chunks.next()
    if (done)
      throw new EverlearnError(
        'COLUMN_MISSING',
        `${input.title} is empty; its first line must name its columns`,
      )
    return await tsvColumns(input, value, reading)
  } finally {
    await chunks.return(undefined)
  }
}

/**
 * Rows of tab-separated columns, whose names the first line of the file holds. There are no quotes and no escapes.
 * Blank lines are passed over; a row with another number of columns is given to `onBad`.
 */
export async function* tsvRows(
  input: Input,
  chunk: ByteChunk,
  columns: readonly string[],
  reading: Reading,
  onBad: BadRowHandler,
): AsyncGenerator<Row> {
  const places = wantedColumns(reading).map((column) => columns.indexOf(column))
  for (const [index, line] of (await chunkLines(input, chunk)).entries()) {
    if ((index === 0 && chunk.offset === 0) || line.trim() === '') continue
    const number = () => lineNumber(input, chunk, index)
    const values = line.split('\t')
    if (values.length !== columns.length) {
      onBad(
        await badRow(
          input,
          { number },
          `has ${values.length} columns where the first line has ${columns.length}; put it right, or go on with --skip-bad-lines`,
        ),
      )
      continue
    }
    yield { values: places.map((place) => values[place]), line: chunk.linesBefore + index + 1, number }
  }
}
