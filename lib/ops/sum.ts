import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The sum of all values of x, float32 [1]. */
export function sum(x: Tensor<Floating>): Tensor<'float32'> {
  const { device } = x
  const total = device.empty([1], 'float32', 'sum')
  device.run('sum', x, total, false)
  device.recorder(x)?.record(total, [], (flow) => {
    const dx = device.full(x.shape, 1, x.dtype)
    if (!flow.isOne) device.run('scale', dx, flow.gradient, dx, 1)
    flow.give(x, dx)
  })
  return total
}
