import type { MicroBatch } from '../data/batch.ts'
import type { EncoderConfig } from '../nn/config.ts'
import type { HeadSpec } from '../nn/heads/head.ts'

/**
 * Floating-point operations of a transformer's products of matrices for one micro-batch, forward and backward (three
 * times the forward); only real tokens and labels count.
 */
export function trainingOperations(
  config: Pick<EncoderConfig, 'layers' | 'hiddenSize' | 'intermediateSize' | 'vocabularySize'>,
  batch: MicroBatch,
  headOf: (task: string) => HeadSpec,
): number {
  const { layers, hiddenSize: hidden, intermediateSize, vocabularySize } = config
  const linear = 2 * batch.tokens * hidden * (4 * hidden + 2 * intermediateSize)
  let attention = 0
  for (let sequence = 0; sequence < batch.sequences; sequence++) {
    const length = batch.offsets[sequence + 1] - batch.offsets[sequence]
    attention += 4 * length * length * hidden
  }
  const heads = batch.targets.reduce((sum, { task, valid }) => {
    const head = headOf(task)
    const outputs = 'classes' in head ? head.classes : head.kind === 'regression' ? 1 : vocabularySize
    const inner = head.kind === 'token-classification' ? 0 : hidden
    return sum + 2 * valid * hidden * (inner + outputs)
  }, 0)
  return 3 * (layers * (linear + attention) + heads)
}
