import { type ByteChunk, readChunks, type Separator } from './byte-chunks.ts'
import { wholeDocuments } from './byte-range.ts'
import type { BadRowHandler, Input, Reading, SourceDocument } from './input.ts'
import { jsonlRows } from './jsonl.ts'
import { parquetRows, type RowGroup, rowGroups } from './parquet.ts'
import { documentOfRow, type Row } from './rows.ts'
import { textDocuments } from './text.ts'
import { tsvColumns, tsvColumnsOfFile, tsvRows } from './tsv.ts'

/** Whole documents or rows of an input, still to be looked at: here or in another thread. */
export type Chunk = { input: Input } & (
  | { bytes: ByteChunk; columns?: string[]; rowGroup?: undefined }
  | { rowGroup: RowGroup; bytes?: undefined }
)

/** Part of an input in bytes of the file on disk: the documents that begin there. */
export interface InputPart {
  input: Input
  start: number
  end: number
}

/** All of an input. */
export const wholeInput = (input: Input): InputPart => ({
  input,
  start: 0,
  end: input.size ?? Number.POSITIVE_INFINITY,
})

/**
 * The chunks of an input, or of a part of it, in order.
 *
 * @param onRead told the bytes taken from the file, as they are on disk
 * @throws EverlearnError what is wrong with the file
 */
export async function* chunksOf(
  part: InputPart,
  reading: Reading,
  onRead: (bytes: number) => void = () => {},
): AsyncGenerator<Chunk> {
  const { input } = part
  if (input.format === 'parquet') {
    yield* rowGroupsOf(part, reading, onRead)
    return
  }
  const separator: Separator = input.format === 'text' ? 'blank line' : 'line end'
  const isPart = part.start > 0 || (input.size !== null && part.end < input.size)
  const range = isPart ? await wholeDocuments(input, separator, part, reading) : undefined
  let columns =
    range && range.start > 0 && input.format === 'tsv' ? await tsvColumnsOfFile(input, reading) : undefined
  for await (const bytes of readChunks(input, separator, reading, { range, onRead })) {
    if (input.format === 'tsv') columns ??= await tsvColumns(input, bytes, reading)
    yield { input, bytes, columns }
  }
}

async function* rowGroupsOf(
  { input, start, end }: InputPart,
  reading: Reading,
  onRead: (bytes: number) => void,
): AsyncGenerator<Chunk> {
  const groups = await rowGroups(input, reading)
  const rows = groups.at(-1)?.end ?? 0
  const size = input.size as number
  const place = (row: number) => Math.floor((size * row) / Math.max(rows, 1))
  for (const rowGroup of groups) {
    if (place(rowGroup.start) < start || place(rowGroup.start) >= end) continue
    yield { input, rowGroup }
    onRead(place(rowGroup.end) - place(rowGroup.start))
  }
}

/**
 * The documents of a chunk. Rows that cannot be used are given to `onBad`, which may throw.
 *
 * @throws EverlearnError what is wrong with the text
 */
export async function* documentsOf(
  chunk: Chunk,
  reading: Reading,
  onBad: BadRowHandler,
): AsyncGenerator<SourceDocument> {
  if (chunk.input.format === 'text') {
    yield* textDocuments(chunk.input, chunk.bytes as ByteChunk, reading)
    return
  }
  for await (const row of rowsOf(chunk, reading, onBad)) {
    const document = await documentOfRow(chunk.input, row, reading, onBad)
    if (document !== null) yield document
  }
}

function rowsOf(chunk: Chunk, reading: Reading, onBad: BadRowHandler): AsyncIterable<Row> {
  const { input } = chunk
  if (chunk.rowGroup) return parquetRows(input, chunk.rowGroup, reading)
  if (input.format === 'jsonl') return jsonlRows(input, chunk.bytes, reading, onBad)
  return tsvRows(input, chunk.bytes, chunk.columns as string[], reading, onBad)
}
