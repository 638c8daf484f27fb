import type { Device } from '../tensor/device.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Sequences laid end to end, on a device. All are int32; tokens [M], offsets [sequences + 1]. Tail tokens that belong to
 * no sequence have id -1.
 */
export interface EncoderBatch {
  ids: Tensor<'int32'>
  /** Position of each token in its sequence. */
  positions: Tensor<'int32'>
  segments: Tensor<'int32'>
  tasks: Tensor<'int32'>
  /** Number of each token within the step; dropout depends on it. */
  rows: Tensor<'int32'>
  offsets: Tensor<'int32'>
  /** No sequence is longer than this many tokens; absent: not known. A GPU is quicker when it is. */
  longest?: number
}

/** An `EncoderBatch` on the host. */
export type BatchArrays = Record<Exclude<keyof EncoderBatch, 'longest'>, Int32Array>

/** What a head looks at, and what it should say there. M rows. */
export interface HeadTargets {
  /** Name of the head. */
  head: string
  /** int32 [M]: token of the batch, -1 where unused. A sentence head looks at first tokens. */
  index: Tensor<'int32'>
  /** int32 [M], -100 where unused; of a regression head float32 [M], NaN where unused. */
  labels: Tensor<'int32'> | Tensor<'float32'>
  /** int32 [M]: dropout's number of each row. */
  rows: Tensor<'int32'>
  /** float32 [1]: what the sum of the rows' losses is multiplied by: weight / count of the step. */
  scale: Tensor<'float32'>
  /** float32 [3], added to: sum of the rows' losses, rows predicted rightly, rows that count. */
  statistics?: Tensor<'float32'> | null
}

/** Host arrays of the same names are uploaded; the tensors belong to the current scope. */
export function uploadBatch(device: Device, batch: BatchArrays): EncoderBatch {
  const upload = (name: keyof BatchArrays) => device.tensor(batch[name], [batch[name].length], 'int32')
  return {
    ids: upload('ids'),
    positions: upload('positions'),
    segments: upload('segments'),
    tasks: upload('tasks'),
    rows: upload('rows'),
    offsets: upload('offsets'),
    longest: longestOf(batch.offsets),
  }
}

/** Tokens of the longest sequence. */
export const longestOf = (offsets: Int32Array): number =>
  offsets.reduce((most, end, i) => Math.max(most, end - (offsets[i - 1] ?? end)), 0)

export function uploadTargets(
  device: Device,
  targets: { task: string; index: Int32Array; labels: Int32Array | Float32Array; rows: Int32Array },
  scale: Tensor<'float32'>,
  statistics: Tensor<'float32'> | null = null,
): HeadTargets {
  const { task, index, labels, rows } = targets
  return {
    head: task,
    index: device.tensor(index, [index.length], 'int32'),
    labels:
      labels instanceof Int32Array
        ? device.tensor(labels, [labels.length], 'int32')
        : device.tensor(labels, [labels.length], 'float32'),
    rows: device.tensor(rows, [rows.length], 'int32'),
    scale,
    statistics,
  }
}
