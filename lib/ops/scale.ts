import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** x * factor * by[0]; `by` (float32 [1]) is a constant to the backward pass. */
export function scale<D extends Floating>(
  x: Tensor<D>,
  factor: number,
  by: Tensor<'float32'> | null = null,
): Tensor<D> {
  const { device } = x
  const y = device.empty(x.shape, x.dtype, 'scale')
  device.run('scale', x, by, y, factor)
  device.recorder(x)?.record(y, [by], (flow, [heldBy]) => {
    const dx = device.empty(x.shape, x.dtype, 'scale')
    device.run('scale', flow.gradient, heldBy, dx, factor)
    flow.give(x, dx)
  })
  return y
}
