import type { MicroBatch } from '../data/batch.ts'
import type { AnyEncoder } from '../nn/any-encoder.ts'
import type { EncoderConfig } from '../nn/config.ts'
import type { HeadSpec } from '../nn/heads/head.ts'
import type { LstmConfig } from '../nn/lstm-config.ts'

/**
 * Floating-point operations of a model's products of matrices for one micro-batch, forward and backward (three times the
 * forward); only real tokens and labels count, and what activation checkpointing does again does not.
 */
export function trainingOperations(
  encoder: AnyEncoder,
  batch: MicroBatch,
  headOf: (task: string) => HeadSpec,
): number {
  const { hiddenSize: hidden, vocabularySize } = encoder.config
  const heads = batch.targets.reduce((sum, { task, valid }) => {
    const head = headOf(task)
    const outputs = 'classes' in head ? head.classes : head.kind === 'regression' ? 1 : vocabularySize
    const inner = head.kind === 'token-classification' ? 0 : hidden
    return sum + 2 * valid * hidden * (inner + outputs)
  }, 0)
  const layers =
    encoder.type === 'lstm' ? forward.lstm(encoder.config, batch) : forward.transformer(encoder.config, batch)
  return 3 * (layers + heads)
}

const forward = {
  /** Queries, keys, values and output, two products between, attention's two. */
  transformer({ layers, hiddenSize: hidden, intermediateSize }: EncoderConfig, batch: MicroBatch): number {
    const linear = 2 * batch.tokens * hidden * (4 * hidden + 2 * intermediateSize)
    let attention = 0
    for (let sequence = 0; sequence < batch.sequences; sequence++) {
      const length = batch.offsets[sequence + 1] - batch.offsets[sequence]
      attention += 4 * length * length * hidden
    }
    return layers * (linear + attention)
  },
  /** Eight gates of both directions from the layer's input and from the step before, and the product at the end. */
  lstm({ layers, hiddenSize: hidden }: LstmConfig, { tokens }: MicroBatch): number {
    const inputs = hidden * (1 + 2 * (layers - 1))
    return 2 * tokens * hidden * (8 * (inputs + layers * hidden) + 2 * hidden)
  },
}
