import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * One dropout site of one step. Whether a value is dropped depends on (seed, step, site, its row's number, its column)
 * and on nothing else: not on the packing of the batch, not on the order of calls.
 */
export interface Dropout {
  /** int32 [M]: the number of each row, unique within the step. */
  rows: Tensor<'int32'>
  /** int32 [1]. */
  step: Tensor<'int32'>
  seed: number
  /** See `siteOf`. */
  site: number
  probability: number
}

/** y = dropout(x), x [M, C]: a share `probability` of the values is 0, the others grow by 1 / (1 - probability). */
export function dropout<D extends Floating>(x: Tensor<D>, site: Dropout): Tensor<D> {
  const { device } = x
  const y = device.empty(x.shape, x.dtype, 'dropout')
  device.run('dropout', x, y, ...dropoutArguments(site))
  device.recorder(x)?.record(y, dropoutTensors(site), (flow, held) => {
    const dx = device.empty(x.shape, x.dtype, 'dropout')
    device.run('dropout', flow.gradient, dx, ...dropoutArguments(site, held))
    flow.give(x, dx)
  })
  return y
}

type DropoutTensors = readonly [rows: Tensor<'int32'> | null, step: Tensor<'int32'> | null]

/** @internal what a tape holds for a site */
export function dropoutTensors(dropout: Dropout | null | undefined): DropoutTensors {
  return isActive(dropout) ? [dropout.rows, dropout.step] : [null, null]
}

/** @internal the last five arguments of an operation with dropout; `held` in the backward, what the tape held */
export function dropoutArguments(
  dropout: Dropout | null | undefined,
  held: DropoutTensors = dropoutTensors(dropout),
): [...DropoutTensors, seed: number, site: number, probability: number] {
  if (!isActive(dropout)) return [null, null, 0, 0, 0]
  return [...held, dropout.seed, dropout.site, dropout.probability]
}

function isActive(dropout: Dropout | null | undefined): dropout is Dropout {
  return dropout != null && dropout.probability > 0
}
