import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { elementSizes, type SafetensorsDType } from './safetensors.ts'

/** A tensor whose values are not at hand. */
export interface TensorLayout {
  shape: readonly number[]
  dtype: SafetensorsDType
}

type Data = Float32Array | Int32Array | Uint16Array | Uint8Array

/** A tensor to be written; the dtype is the array's own unless it is named (F16 and BF16 are Uint16Array of bits). */
export interface TensorToWrite {
  shape: readonly number[]
  data: Data
  dtype?: SafetensorsDType
}

type Tensors = Readonly<Record<string, TensorToWrite>> | ReadonlyMap<string, TensorToWrite>

/**
 * Writes a safetensors file: aside, flushed to disk, then renamed, so that the name never holds half a file. Tensors are
 * laid out by element size, then name, each aligned to its element size. `metadata` gets `format: pt`, which
 * transformers wants.
 */
export function writeSafetensors(
  file: string,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const parts = safetensorsParts(tensors, metadata)
  const aside = `${file}.${process.pid}.partial`
  try {
    const descriptor = openSync(aside, 'w')
    try {
      for (const part of parts) writeAll(descriptor, part)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(aside, file)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
}

/** The bytes that `writeSafetensors` writes: the header, then each tensor's own memory. */
export function safetensorsParts(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const entries = [...(tensors instanceof Map ? tensors : Object.entries(tensors))] as [
    string,
    TensorToWrite,
  ][]
  const layouts = entries.map(([name, { shape, data, dtype = dtypeOf(data) }]): [string, TensorLayout] => {
    if (sizeOf(shape) !== data.length)
      throw new Error(`${name}: shape [${shape.join(', ')}] does not hold ${data.length} values`)
    return [name, { shape, dtype }]
  })
  const { header, order } = layOut(layouts, metadata)
  const data = new Map(entries.map(([name, tensor]) => [name, tensor.data]))
  const bytesOf = ({ buffer, byteOffset, byteLength }: Data) => new Uint8Array(buffer, byteOffset, byteLength)
  return [header, ...order.map((name) => bytesOf(data.get(name) as Data))]
}

/** Bytes of the file that `writeSafetensors` would write. */
export function safetensorsSize(
  tensors: ReadonlyMap<string, TensorLayout>,
  metadata: Readonly<Record<string, string>> = {},
): number {
  const { header, bytes } = layOut([...tensors], metadata)
  return header.length + bytes
}

/** The header, the order of the tensors behind it, and how many bytes they take. */
function layOut(
  layouts: readonly [string, TensorLayout][],
  metadata: Readonly<Record<string, string>>,
): { header: Buffer; order: string[]; bytes: number } {
  const elementSize = ({ dtype }: TensorLayout) => elementSizes[dtype]
  const sorted = [...layouts].sort(
    ([nameA, a], [nameB, b]) =>
      elementSize(b) - elementSize(a) || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  )
  const entries: [string, unknown][] = [['__metadata__', { format: 'pt', ...metadata }]]
  let offset = 0
  for (const [name, layout] of sorted) {
    const end = offset + sizeOf(layout.shape) * elementSize(layout)
    entries.push([name, { dtype: layout.dtype, shape: layout.shape, data_offsets: [offset, end] }])
    offset = end
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  const header = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ')
  header.writeBigUInt64LE(BigInt(header.length - 8))
  header.set(text, 8)
  return { header, order: sorted.map(([name]) => name), bytes: offset }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1)

function writeAll(descriptor: number, bytes: Uint8Array): void {
  // One write call takes at most 2 GiB.
  for (let done = 0; done < bytes.length; )
    done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, 1 << 30))
}

function dtypeOf(data: Data): SafetensorsDType {
  if (data instanceof Float32Array) return 'F32'
  if (data instanceof Int32Array) return 'I32'
  if (data instanceof Uint8Array) return 'U8'
  throw new Error('16-bit values need a dtype: F16 or BF16')
}
