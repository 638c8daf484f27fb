import { type EncoderSize, encoderSizes } from '../nn/config.ts'

/** A training step to measure: an encoder, a batch, and how many times PyTorch's fastest mode is asked for. */
export interface BenchCase {
  size: EncoderSize
  precision: 'float32' | 'bfloat16'
  /** Rows × length of the padded batch that PyTorch gets; ours holds the same tokens, packed. */
  sequences: number
  length: number
  wanted: number
}

export const benchVocabularySize = 30522

export const benchCases: readonly BenchCase[] = [
  { size: 'base', precision: 'bfloat16', sequences: 8, length: 128, wanted: 1.8 },
  { size: 'base', precision: 'float32', sequences: 8, length: 128, wanted: 2 },
  { size: 'mini', precision: 'bfloat16', sequences: 32, length: 128, wanted: 2 },
  { size: 'mini', precision: 'float32', sequences: 32, length: 128, wanted: 2 },
]

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
