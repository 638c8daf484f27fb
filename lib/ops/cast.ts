import type { DType } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A copy of x in another dtype (or its own): rounded to nearest even, towards zero for integers. */
export function cast<D extends DType>(x: Tensor, dtype: D): Tensor<D> {
  const { device } = x
  const y = device.empty(x.shape, dtype, 'cast')
  device.run('copy', x, y)
  device.recorder(x)?.record(y, [], (flow) => {
    const dx = device.empty(x.shape, x.dtype, 'cast')
    device.run('copy', flow.gradient, dx)
    flow.give(x, dx)
  })
  return y
}
