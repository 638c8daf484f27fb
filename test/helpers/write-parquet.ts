import { gzipSync } from 'node:zlib'

export interface ParquetColumn {
  name: string
  /** Strings, null among them for a missing value; or whole numbers. */
  values: readonly (string | null)[] | readonly number[]
}

type Field = [id: number, write: (out: number[]) => void]

export interface ParquetWriter {
  /** The next bytes of the file: a row group of these columns. The first one says which columns there are. */
  rowGroup(columns: readonly ParquetColumn[]): Buffer
  /** The last bytes of the file. */
  end(): Buffer
}

/**
 * Writes Parquet (https://parquet.apache.org/docs/file-format): one page a column and row group, plain encoding, after
 * the Thrift definitions of parquet-format. Text columns are optional UTF-8, columns of numbers are required INT64.
 */
export function createParquetWriter({ gzip = false } = {}): ParquetWriter {
  let schema: number[][] = []
  let offset = 0
  let rows = 0
  const groups: number[][] = []
  const magic = Buffer.from('PAR1')

  const rowGroup = (columns: readonly ParquetColumn[]): Buffer => {
    const parts: Buffer[] = offset === 0 ? [magic] : []
    if (offset === 0) {
      offset = magic.length
      schema = schemaOf(columns)
    }
    const count = columns[0].values.length
    let groupBytes = 0
    const chunks = columns.map(({ name, values }) => {
      const plain = page(values)
      const stored = gzip ? gzipSync(plain) : plain
      const header = Buffer.from(
        struct([
          [1, i32(0)],
          [2, i32(plain.length)],
          [3, i32(stored.length)],
          [
            5,
            nested([
              [1, i32(count)],
              [2, i32(0)],
              [3, i32(3)],
              [4, i32(3)],
            ]),
          ],
        ]),
      )
      const begin = offset
      parts.push(header, stored)
      offset += header.length + stored.length
      groupBytes += header.length + plain.length
      const metadata: Field[] = [
        [1, i32(isText(values) ? 6 : 2)],
        [2, list(5, [zigzag(0), zigzag(3)])],
        [3, list(8, [text(name)])],
        [4, i32(gzip ? 2 : 0)],
        [5, i64(count)],
        [6, i64(header.length + plain.length)],
        [7, i64(header.length + stored.length)],
        [9, i64(begin)],
      ]
      return struct([
        [2, i64(begin)],
        [3, nested(metadata)],
      ])
    })
    rows += count
    groups.push(
      struct([
        [1, list(12, chunks)],
        [2, i64(groupBytes)],
        [3, i64(count)],
      ]),
    )
    return Buffer.concat(parts)
  }
  const end = (): Buffer => {
    const footer = Buffer.from(
      struct([
        [1, i32(1)],
        [2, list(12, schema)],
        [3, i64(rows)],
        [4, list(12, groups)],
      ]),
    )
    return Buffer.concat([footer, size(footer.length), magic])
  }
  return { rowGroup, end }
}

/** A whole file. */
export function parquetFile(
  columns: readonly ParquetColumn[],
  { rowsPerGroup = Number.POSITIVE_INFINITY, gzip = false } = {},
): Buffer {
  const writer = createParquetWriter({ gzip })
  const parts: Buffer[] = []
  for (let start = 0; start < columns[0].values.length; start += rowsPerGroup) {
    const slices = columns.map(({ name, values }) => ({
      name,
      values: values.slice(start, start + rowsPerGroup),
    }))
    parts.push(writer.rowGroup(slices))
  }
  return Buffer.concat([...parts, writer.end()])
}

function schemaOf(columns: readonly ParquetColumn[]): number[][] {
  return [
    struct([
      [4, binary('schema')],
      [5, i32(columns.length)],
    ]),
    ...columns.map(({ name, values }) =>
      struct(
        isText(values)
          ? [
              [1, i32(6)],
              [3, i32(1)],
              [4, binary(name)],
              [6, i32(0)],
            ]
          : [
              [1, i32(2)],
              [3, i32(0)],
              [4, binary(name)],
            ],
      ),
    ),
  ]
}

const isText = (values: ParquetColumn['values']): values is readonly (string | null)[] =>
  typeof values[0] !== 'number'

function page(values: ParquetColumn['values']): Buffer {
  if (!isText(values)) {
    const bytes = Buffer.alloc(8 * values.length)
    for (const [index, value] of values.entries()) bytes.writeBigInt64LE(BigInt(value), 8 * index)
    return bytes
  }
  // Definition levels: a run of one for every value, bit width 1.
  const levels = Buffer.from(values.flatMap((value) => [2, value === null ? 0 : 1]))
  const parts: Buffer[] = [size(levels.length), levels]
  for (const value of values) {
    if (value === null) continue
    const bytes = Buffer.from(value)
    parts.push(size(bytes.length), bytes)
  }
  return Buffer.concat(parts)
}

function size(bytes: number): Buffer {
  const four = Buffer.alloc(4)
  four.writeUInt32LE(bytes)
  return four
}

/** A struct of Thrift's compact protocol, its fields ascending by id. */
function struct(fields: readonly Field[]): number[] {
  const out: number[] = []
  let last = 0
  for (const [id, write] of fields) {
    const body: number[] = []
    write(body)
    out.push(((id - last) << 4) | body[0], ...body.slice(1))
    last = id
  }
  out.push(0)
  return out
}

/** Each writes the type of its value, then the value. */
const i32 = (value: number) => (out: number[]) => void out.push(5, ...zigzag(value))
const i64 = (value: number) => (out: number[]) => void out.push(6, ...zigzag(value))
const binary = (value: string) => (out: number[]) => void out.push(8, ...text(value))
const nested = (fields: readonly Field[]) => (out: number[]) => void out.push(12, ...struct(fields))
const list = (type: number, items: readonly (readonly number[])[]) => (out: number[]) => {
  out.push(9, ...(items.length < 15 ? [(items.length << 4) | type] : [0xf0 | type, ...varint(items.length)]))
  for (const item of items) for (const byte of item) out.push(byte)
}
const text = (value: string): number[] => {
  const bytes = Buffer.from(value)
  return [...varint(bytes.length), ...bytes]
}
const zigzag = (value: number): number[] => varint(2 * value)

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return [...bytes, rest]
}
