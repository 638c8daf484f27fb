import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** `gelu` is the exact (erf) form. */
export type Activation = 'none' | 'gelu' | 'gelu_tanh' | 'relu' | 'tanh'

/** activation(x + bias): x [M, C], bias float32 [C] or none. */
export function biasActivation<D extends Floating>(
  x: Tensor<D>,
  bias: Tensor<'float32'> | null,
  activation: Activation,
): Tensor<D> {
  const { device } = x
  const y = device.empty(x.shape, x.dtype, 'biasActivation')
  device.run('biasActivation', x, bias, y, activation)
  device.recorder(x, bias)?.record(y, [x, bias], (flow, [heldX, heldBias]) => {
    const dx = flow.needs(x) ? device.empty(x.shape, x.dtype, 'biasActivationBackward') : null
    device.run('biasActivationBackward', flow.gradient, heldX, heldBias, dx, flow.sum(bias), activation)
    if (dx) flow.give(x, dx)
  })
  return y
}
