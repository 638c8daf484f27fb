import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** a + b, two tensors of one shape and dtype. */
export function add<D extends Floating>(a: Tensor<D>, b: Tensor<D>): Tensor<D> {
  const { device } = a
  const y = device.empty(a.shape, a.dtype, 'add')
  device.run('add', a, b, y)
  device.recorder(a, b)?.record(y, [], (flow) => flow.pass(a, b))
  return y
}
