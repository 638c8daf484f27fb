import { type ByteChunk, lineNumber } from './byte-chunks.ts'
import { chunkLines } from './chunk-lines.ts'
import type { BadRowHandler, Input, Reading } from './input.ts'
import { badRow, type Row, wantedColumns } from './rows.ts'

/** Objects of JSON Lines, one a line; blank lines are passed over. A line that is none is given to `onBad`. */
export async function* jsonlRows(
  input: Input,
  chunk: ByteChunk,
  reading: Reading,
  onBad: BadRowHandler,
): AsyncGenerator<Row> {
  const columns = wantedColumns(reading)
  for (const [index, line] of (await chunkLines(input, chunk)).entries()) {
    if (line.trim() === '') continue
    const number = () => lineNumber(input, chunk, index)
    const object = parse(line)
    if (object instanceof Error) {
      onBad(
        await badRow(
          input,
          { number },
          `is not a JSON object (${object.message}); put it right, or go on with --skip-bad-lines`,
        ),
      )
      continue
    }
    const missing = columns.find((column) => !Object.hasOwn(object, column))
    if (missing !== undefined) {
      const found = Object.keys(object).join(', ') || 'none'
      onBad(
        await badRow(
          input,
          { number },
          `has no field "${missing}", its fields are ${found}; ` +
            `${reading.pairs ? 'see --columns' : 'name the one that holds the text with --field'}, or go on with --skip-bad-lines`,
          'COLUMN_MISSING',
        ),
      )
      continue
    }
    yield { values: columns.map((column) => object[column]), line: chunk.linesBefore + index + 1, number }
  }
}

function parse(line: string): Record<string, unknown> | Error {
  try {
    const value = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
    return new Error(`it is ${Array.isArray(value) ? 'a list' : JSON.stringify(value).slice(0, 40)}`)
  } catch (error) {
    return error as Error
  }
}
