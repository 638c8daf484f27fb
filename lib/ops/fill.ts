import type { DType } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Sets every value of a tensor, in place. */
export function fill<D extends DType>(tensor: Tensor<D>, value: number): Tensor<D> {
  tensor.device.run('fill', tensor, value)
  return tensor
}
