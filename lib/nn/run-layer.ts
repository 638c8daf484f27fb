import { checkpoint } from '../tensor/checkpoint.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { EncoderBatch } from './batch.ts'
import type { Randomness } from './randomness.ts'

/** A layer of an encoder, from [tokens, …] to [tokens, …]; of the batch it looks at rows and offsets. */
export type Layer = (
  x: Tensor<Floating>,
  batch: EncoderBatch,
  randomness: Randomness | null,
) => Tensor<Floating>

/** Runs a layer. */
export type RunLayer = (
  x: Tensor<Floating>,
  batch: EncoderBatch,
  randomness: Randomness | null,
  layer: Layer,
) => Tensor<Floating>

/** With activation checkpointing a tape keeps of a layer its input alone; dropout draws the same masks again. */
export const runLayer = (activationCheckpointing = false): RunLayer =>
  activationCheckpointing ? runCheckpointed : (x, batch, randomness, layer) => layer(x, batch, randomness)

const runCheckpointed: RunLayer = (x, batch, randomness, layer) => {
  const { rows, offsets } = batch
  if (!randomness)
    return checkpoint([x, rows, offsets], (x, rows, offsets) => layer(x, { ...batch, rows, offsets }, null))
  return checkpoint([x, rows, offsets, randomness.step], (x, rows, offsets, step) =>
    layer(x, { ...batch, rows, offsets }, { ...randomness, step }),
  )
}
