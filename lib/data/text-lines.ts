import { readChunks } from './inputs/byte-chunks.ts'
import { chunkLines } from './inputs/chunk-lines.ts'
import { defaultReading, type Input } from './inputs/input.ts'

/** Lines that follow one another in a file, without their ends. */
export interface LineBatch {
  lines: string[]
  /** Number of the first of them, from 1. */
  firstLine: number
}

/**
 * The lines of a UTF-8 file, plain or gzip, about a megabyte at a time. A byte order mark and the carriage return of a
 * Windows line end are taken off.
 *
 * @param longestLine bytes a line may have
 * @throws EverlearnError `FILE_UNREADABLE`, `NOT_UTF8` (naming line and byte), `LINE_TOO_LONG`
 */
export async function* readLines(path: string, longestLine: number): AsyncGenerator<LineBatch> {
  const input: Input = { path, title: path, format: 'text', packed: false, size: null }
  for await (const chunk of readChunks(input, 'line end', { ...defaultReading, longestLine })) {
    yield { lines: await chunkLines(input, chunk), firstLine: 1 + chunk.linesBefore }
  }
}
