/** What a tensor of each dtype is read and written as. Half precisions travel as their 16 bits. */
export interface TypedArrayOf {
  float32: Float32Array
  bfloat16: Uint16Array
  float16: Uint16Array
  int32: Int32Array
  uint8: Uint8Array
}

export type DType = keyof TypedArrayOf

/** The dtypes activations may have. Arithmetic is float32 whatever they are stored as. */
export type Floating = 'float32' | 'bfloat16' | 'float16'

export const bytesPerElement: Record<DType, number> = {
  float32: 4,
  bfloat16: 2,
  float16: 2,
  int32: 4,
  uint8: 1,
}

const constructors = {
  float32: Float32Array,
  bfloat16: Uint16Array,
  float16: Uint16Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const

export function typedArray<D extends DType>(dtype: D, buffer: ArrayBuffer): TypedArrayOf[D] {
  return new constructors[dtype](buffer) as TypedArrayOf[D]
}

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** Nearest bfloat16, ties to even; NaN stays NaN. */
export function toBfloat16Bits(value: number): number {
  float[0] = value
  const word = bits[0]
  if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | 0x40
  return ((word + 0x7fff + ((word >>> 16) & 1)) >>> 16) & 0xffff
}

export function fromBfloat16Bits(half: number): number {
  bits[0] = half << 16
  return float[0]
}

/** Nearest float16, ties to even; beyond 65504 infinity; NaN stays NaN. */
export function toFloat16Bits(value: number): number {
  float[0] = value
  const word = bits[0]
  const sign = (word >>> 16) & 0x8000
  const magnitude = word & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude < 0x38800000) {
    // Subnormal: a multiple of 2^-24. Scaling by 2^24 is exact, and the rounding to an integer ties to even.
    const scaled = Math.abs(float[0]) * 16777216
    const floor = Math.floor(scaled)
    const rest = scaled - floor
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0))
  }
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
}

export function fromFloat16Bits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 31
  const fraction = half & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Values of any dtype as float32; a Float32Array is returned as it is. */
export function toFloat32(values: ArrayLike<number>, dtype: DType): Float32Array {
  if (dtype === 'float32' && values instanceof Float32Array) return values
  if (dtype === 'bfloat16') return Float32Array.from(values, fromBfloat16Bits)
  if (dtype === 'float16') return Float32Array.from(values, fromFloat16Bits)
  return Float32Array.from(values)
}

/** Numbers in the representation of a dtype. */
export function fromNumbers<D extends DType>(values: ArrayLike<number>, dtype: D): TypedArrayOf[D] {
  if (dtype === 'bfloat16') return Uint16Array.from(values, toBfloat16Bits) as TypedArrayOf[D]
  if (dtype === 'float16') return Uint16Array.from(values, toFloat16Bits) as TypedArrayOf[D]
  return constructors[dtype].from(values) as TypedArrayOf[D]
}
