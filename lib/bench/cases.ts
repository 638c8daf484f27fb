import { type EncoderSize, encoderSizes } from '../nn/config.ts'

/** A training step to measure: an encoder, a batch, and how many times PyTorch's fastest mode is asked for. */
export interface BenchCase {
  backend: 'cpu' | 'cuda'
  size: EncoderSize
  precision: 'float32' | 'bfloat16' | 'float16'
  /** Rows × length of the padded batch that PyTorch gets; ours holds the same tokens, packed. */
  sequences: number
  length: number
  wanted: number
}

export const benchVocabularySize = 30522

export const benchCases: readonly BenchCase[] = [
  { backend: 'cpu', size: 'base', precision: 'bfloat16', sequences: 8, length: 128, wanted: 1.8 },
  { backend: 'cpu', size: 'base', precision: 'float32', sequences: 8, length: 128, wanted: 2 },
  { backend: 'cpu', size: 'mini', precision: 'bfloat16', sequences: 32, length: 128, wanted: 2 },
  { backend: 'cpu', size: 'mini', precision: 'float32', sequences: 32, length: 128, wanted: 2 },
  { backend: 'cuda', size: 'base', precision: 'bfloat16', sequences: 512, length: 128, wanted: 1.25 },
  { backend: 'cuda', size: 'base', precision: 'bfloat16', sequences: 128, length: 512, wanted: 1.25 },
  { backend: 'cuda', size: 'base', precision: 'float16', sequences: 512, length: 128, wanted: 1.25 },
  { backend: 'cuda', size: 'base', precision: 'float16', sequences: 128, length: 512, wanted: 1.25 },
  { backend: 'cuda', size: 'large', precision: 'bfloat16', sequences: 512, length: 128, wanted: 1.15 },
  { backend: 'cuda', size: 'large', precision: 'bfloat16', sequences: 128, length: 512, wanted: 1.15 },
]

/** Such as `base-bfloat16`; on a GPU `base-bfloat16-512`, with the length of its rows. */
export function benchCaseName({ backend, size, precision, length }: BenchCase): string {
  return backend === 'cpu' ? `${size}-${precision}` : `${size}-${precision}-${length}`
}

/** Dense peak of a GPU's products of 16-bit values by its data sheet, FLOP/s; null: not known here. */
export function datasheetPeak(gpu: string): number | null {
  if (/\b(H100|H200|GH200)\b/.test(gpu)) return 989e12
  return /\bA100\b/.test(gpu) ? 312e12 : null
}

/**
 * Floating-point operations of one training step, forward and backward: `tokens` through the layers, `maskedRows`
 * through the vocabulary, attention over each sequence's own length.
 */
export function stepFlops(size: EncoderSize, lengths: readonly number[], maskedRows: number): number {
  const { layers, hiddenSize } = encoderSizes[size]
  const tokens = lengths.reduce((sum, length) => sum + length, 0)
  const pairs = lengths.reduce((sum, length) => sum + length * length, 0)
  return (
    6 * tokens * 12 * layers * hiddenSize ** 2 +
    12 * layers * hiddenSize * pairs +
    6 * maskedRows * (hiddenSize * benchVocabularySize + hiddenSize ** 2)
  )
}
