import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { SafetensorsDType } from './safetensors.ts'

type Data = Float32Array | Int32Array | Uint16Array | Uint8Array

/** A tensor to be written; the dtype is the array's own unless it is named (F16 and BF16 are Uint16Array of bits). */
export interface TensorToWrite {
  shape: readonly number[]
  data: Data
  dtype?: SafetensorsDType
}

/**
 * Writes a safetensors file: aside, flushed to disk, then renamed, so that the name never holds half a file. Tensors are
 * laid out by element size, then name, each aligned to its element size. `metadata` gets `format: pt`, which
 * transformers wants.
 */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, TensorToWrite>> | ReadonlyMap<string, TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const entries = [...(tensors instanceof Map ? tensors : Object.entries(tensors))] as [
    string,
    TensorToWrite,
  ][]
  entries.sort(
    ([nameA, a], [nameB, b]) =>
      b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  )
  const header: [string, unknown][] = [['__metadata__', { format: 'pt', ...metadata }]]
  let offset = 0
  for (const [name, { shape, data, dtype = dtypeOf(data) }] of entries) {
    const end = offset + data.byteLength
    if (shape.reduce((product, extent) => product * extent, 1) !== data.length)
      throw new Error(`${name}: shape [${shape.join(', ')}] does not hold ${data.length} values`)
    header.push([name, { dtype, shape, data_offsets: [offset, end] }])
    offset = end
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ')
  padded.writeBigUInt64LE(BigInt(padded.length - 8))
  padded.set(text, 8)

  const aside = `${file}.${process.pid}.partial`
  try {
    const descriptor = openSync(aside, 'w')
    try {
      writeAll(descriptor, padded)
      for (const [, { data }] of entries) writeAll(descriptor, data)
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

function writeAll(descriptor: number, data: ArrayBufferView): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
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
