import { EverlearnError } from '../error.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** y[index[i]] += x[i] over a y of `rows` rows of zeros, in order of i; index[i] < 0 is left out. x [M, C]. */
export function scatterRows<D extends Floating>(
  x: Tensor<D>,
  index: Tensor<'int32'>,
  rows: number,
): Tensor<D> {
  if (!Number.isInteger(rows) || rows < 0)
    throw new EverlearnError('SHAPE', `scatterRows: rows must be a whole number, found ${rows}`)
  const { device } = x
  const y = device.empty([rows, ...x.shape.slice(1)], x.dtype, 'scatterRows')
  device.run('scatterRows', x, index, y, false)
  device.recorder(x)?.record(y, [index], (flow, [held]) => {
    const dx = device.empty(x.shape, x.dtype, 'scatterRows')
    device.run('gatherRows', flow.gradient, held, dx)
    flow.give(x, dx)
  })
  return y
}
