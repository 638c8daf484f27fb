import { EverlearnError } from '../error.ts'
import { toFloat32 } from '../tensor/dtype.ts'

/** Bytes per element of the dtypes that are read; other dtypes are refused. */
export const elementSizes = { F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1 } as const

export type SafetensorsDType = keyof typeof elementSizes

/** One tensor of a file; `bytes` is little-endian, row-major, and may begin anywhere in its buffer. */
export interface StoredTensor {
  dtype: SafetensorsDType
  shape: readonly number[]
  bytes: Uint8Array
}

export interface Safetensors {
  metadata: Readonly<Record<string, string>>
  tensors: ReadonlyMap<string, StoredTensor>
}

const headerLimit = 100_000_000

/**
 * Reads a safetensors file that is in memory: 8 bytes of header length, a JSON header, data. Whatever does not fit
 * together is refused: nothing outside `bytes` is ever looked at.
 *
 * @param file its name, for messages
 */
export function parseSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const fail = (problem: string): never => {
    throw new EverlearnError(
      'SAFETENSORS',
      `${file} is not a whole safetensors file: ${problem}; copy or download it again`,
    )
  }
  if (bytes.length < 8) fail(`it has ${bytes.length} bytes, the header's length alone takes 8`)
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (declared > BigInt(headerLimit)) fail(`its header claims ${declared} bytes, the limit is ${headerLimit}`)
  const headerLength = Number(declared)
  if (headerLength > bytes.length - 8)
    fail(`its header claims ${headerLength} bytes, the file has ${bytes.length - 8} after the length`)
  const header = parseHeader(bytes.subarray(8, 8 + headerLength), fail)
  const data = bytes.subarray(8 + headerLength)

  const tensors = new Map<string, StoredTensor>()
  const ranges: { name: string; begin: number; end: number }[] = []
  let metadata: Record<string, string> = {}
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isStringRecord(entry)) fail('__metadata__ holds something other than text')
      metadata = entry as Record<string, string>
      continue
    }
    const { dtype, shape, begin, end } = checkEntry(name, entry, data.length, fail)
    ranges.push({ name, begin, end })
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) })
  }
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let reached = 0
  for (const { name, begin, end } of ranges) {
    if (begin !== reached)
      fail(
        `${name} begins at byte ${begin} of the data, ${begin < reached ? 'inside another tensor' : `after a gap from ${reached}`}`,
      )
    reached = end
  }
  if (reached !== data.length) fail(`its tensors end at byte ${reached} of ${data.length} bytes of data`)
  return { metadata, tensors }
}

/** The values as float32, whatever floating dtype they are stored in. */
export function floatValues(tensor: StoredTensor, name: string, file: string): Float32Array {
  const bytes = aligned(tensor.bytes, elementSizes[tensor.dtype])
  const { buffer, byteOffset } = bytes
  const count = bytes.length / elementSizes[tensor.dtype]
  if (tensor.dtype === 'F32') return new Float32Array(buffer, byteOffset, count)
  if (tensor.dtype === 'BF16') return toFloat32(new Uint16Array(buffer, byteOffset, count), 'bfloat16')
  if (tensor.dtype === 'F16') return toFloat32(new Uint16Array(buffer, byteOffset, count), 'float16')
  throw new EverlearnError(
    'SAFETENSORS',
    `${file}: ${name} is ${tensor.dtype}, floating point numbers are wanted`,
  )
}

/** The values of an integer tensor as int32. */
export function integerValues(tensor: StoredTensor, name: string, file: string): Int32Array {
  const bytes = aligned(tensor.bytes, elementSizes[tensor.dtype])
  const { buffer, byteOffset } = bytes
  const count = bytes.length / elementSizes[tensor.dtype]
  if (tensor.dtype === 'I32') return new Int32Array(buffer, byteOffset, count)
  if (tensor.dtype === 'U8') return Int32Array.from(bytes)
  if (tensor.dtype === 'I64') return Int32Array.from(new BigInt64Array(buffer, byteOffset, count), Number)
  throw new EverlearnError('SAFETENSORS', `${file}: ${name} is ${tensor.dtype}, whole numbers are wanted`)
}

function aligned(bytes: Uint8Array, elementSize: number): Uint8Array {
  return bytes.byteOffset % elementSize === 0 ? bytes : bytes.slice()
}

type Fail = (problem: string) => never

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return fail('its header is not JSON')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return fail('its header is not an object')
  return header as Record<string, unknown>
}

function isStringRecord(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  )
}

function isExtents(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0)
}

function checkEntry(name: string, entry: unknown, dataLength: number, fail: Fail) {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>
  if (typeof dtype !== 'string' || !Object.hasOwn(elementSizes, dtype))
    return fail(
      `${name} has dtype ${JSON.stringify(dtype)}; known are ${Object.keys(elementSizes).join(', ')}`,
    )
  if (!isExtents(shape)) return fail(`${name} has shape ${JSON.stringify(shape)}`)
  if (!isExtents(offsets) || offsets.length !== 2)
    return fail(`${name} has data_offsets ${JSON.stringify(offsets)}`)
  const [begin, end] = offsets
  if (begin > end || end > dataLength)
    return fail(`${name} lies at bytes ${begin} to ${end} of ${dataLength} bytes of data`)
  const size = shape.reduce((product, extent) => product * extent, elementSizes[dtype as SafetensorsDType])
  if (size !== end - begin)
    return fail(`${name} of shape [${shape.join(', ')}] takes ${size} bytes, ${end - begin} are there`)
  return { dtype: dtype as SafetensorsDType, shape, begin, end }
}
