import { isUtf8 } from 'node:buffer'
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { EverlearnError } from '../../error.ts'
import type { Input, Reading } from './input.ts'
import { type Row, wantedColumns } from './rows.ts'

/** Rows of a Parquet file that are stored together. */
export interface RowGroup {
  start: number
  end: number
}

interface ParquetFile {
  path: string
  file: AsyncBuffer
  metadata: FileMetaData
}

/** The file whose rows were read last: they come one row group after another. */
let opened: ParquetFile | undefined

/**
 * The row groups of a Parquet file, in their order.
 *
 * @throws EverlearnError `FILE_UNREADABLE`, `COLUMN_MISSING` where the columns wanted are not there or no text
 */
export async function rowGroups(input: Input, reading: Reading): Promise<RowGroup[]> {
  const { metadata } = await open(input)
  const columns = parquetSchema(metadata).children
  for (const wanted of wantedColumns(reading)) {
    const column = columns.find(({ element }) => element.name === wanted)
    const isText = column?.element.type === 'BYTE_ARRAY'
    if (column && (isText || (wanted === reading.pairs?.label && column.children.length === 0))) continue
    const found = columns.map(({ element }) => `${element.name} (${element.type ?? 'nested'})`).join(', ')
    throw new EverlearnError(
      'COLUMN_MISSING',
      `${input.title} has ${column ? `no text in its column "${wanted}"` : `no column "${wanted}"`}; it has ${found}: ` +
        (reading.pairs ? 'see --columns' : 'name the one that holds the text with --field'),
    )
  }
  let start = 0
  return metadata.row_groups.map(({ num_rows }) => {
    const group = { start, end: start + Number(num_rows) }
    start = group.end
    return group
  })
}

/** The rows of a row group; only the columns wanted are read. @throws EverlearnError `FILE_UNREADABLE`, `NOT_UTF8` */
export async function* parquetRows(
  input: Input,
  { start, end }: RowGroup,
  reading: Reading,
): AsyncGenerator<Row> {
  const columns = wantedColumns(reading)
  const { file, metadata } = await open(input)
  const rows = await reported(input, () =>
    parquetReadObjects({
      file,
      metadata,
      compressors,
      columns,
      rowStart: start,
      rowEnd: end,
      parsers: { stringFromBytes: (bytes) => bytes && textOf(input, bytes) },
    }),
  )
  for (const [index, row] of rows.entries()) {
    yield {
      values: columns.map((column) => row[column] ?? null),
      line: start + index + 1,
      number: () => start + index + 1,
    }
  }
}

async function open(input: Input): Promise<ParquetFile> {
  if (opened?.path === input.path) return opened
  opened = await reported(input, async () => {
    const file = await asyncBufferFromFile(input.path)
    return { path: input.path, file, metadata: await parquetMetadataAsync(file) }
  })
  return opened
}

function textOf({ title }: Input, bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  throw new EverlearnError(
    'NOT_UTF8',
    `${title} has a text that is not UTF-8; write the Parquet file again with its text as UTF-8 strings`,
  )
}

async function reported<Result>({ title }: Input, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof EverlearnError) throw cause
    throw new EverlearnError(
      'FILE_UNREADABLE',
      `cannot read ${title} as Parquet: ${(cause as Error).message}; see whether it is Parquet and whole, or copy it again`,
      { cause },
    )
  }
}
