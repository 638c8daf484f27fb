import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** y[i] = x[index[i]], a row of zeros where index[i] < 0. x [N, C], index int32 [M], y [M, C]. */
export function gatherRows<D extends Floating>(x: Tensor<D>, index: Tensor<'int32'>): Tensor<D> {
  const { device } = x
  const y = device.empty([index.size, ...x.shape.slice(1)], x.dtype, 'gatherRows')
  device.run('gatherRows', x, index, y)
  device.recorder(x)?.record(y, [index], (flow, [held]) => {
    const target = flow.target(x)
    if (target) device.run('scatterRows', flow.gradient, held, target.gradient, target.accumulate)
  })
  return y
}
