import { EverlearnError } from '../error.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Flow } from '../tensor/flow.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Activation } from './bias-activation.ts'

/**
 * activation(x weightᵀ + bias): x [M, K], weight float32 [N, K], bias float32 [N] or none; y [M, N] in x's dtype,
 * accumulated in float32.
 *
 * With an activation, training keeps the product before bias and activation; the backward is one pass for both their
 * gradients, then the products.
 */
export function linear<D extends Floating>(
  x: Tensor<D>,
  weight: Tensor<'float32'>,
  bias: Tensor<'float32'> | null = null,
  activation: Activation = 'none',
): Tensor<D> {
  const { device } = x
  if (x.shape.length !== 2 || weight.shape.length !== 2)
    throw new EverlearnError(
      'SHAPE',
      `linear: x and weight have two axes, found [${x.shape.join(', ')}] and [${weight.shape.join(', ')}]`,
    )
  const shape = [x.shape[0], weight.shape[0]]
  const tape = device.recorder(x, weight, bias)
  const y = device.empty(shape, x.dtype, 'linear')
  if (activation === 'none') {
    device.run('linear', x, weight, bias, y)
    tape?.record(y, [x, weight], (flow, [heldX, heldWeight]) => {
      linearBackward(flow, flow.gradient, { x, weight, bias }, heldX, heldWeight)
    })
    return y
  }
  if (!tape) {
    device.run('linear', x, weight, null, y)
    device.run('biasActivation', y, bias, y, activation)
    return y
  }
  using product = device.empty(shape, x.dtype, 'linear')
  device.run('linear', x, weight, null, product)
  device.run('biasActivation', product, bias, y, activation)
  tape.record(y, [x, weight, bias, product], (flow, [heldX, heldWeight, heldBias, heldProduct]) => {
    const inner = flow.reuse()
    device.run(
      'biasActivationBackward',
      flow.gradient,
      heldProduct,
      heldBias,
      inner,
      flow.sum(bias),
      activation,
    )
    linearBackward(flow, inner, { x, weight, bias: null }, heldX, heldWeight)
  })
  return y
}

interface Inputs {
  x: Tensor
  weight: Tensor
  bias: Tensor | null
}

function linearBackward(flow: Flow, dy: Tensor, inputs: Inputs, x: Tensor, weight: Tensor): void {
  const { device } = dy
  const target = flow.target(inputs.x)
  const run = (dx: Tensor | null, dweight: Tensor | null, dbias: Tensor | null) =>
    device.run('linearBackward', dy, x, weight, dx, dweight, dbias, target?.accumulate ?? false)
  if (inputs.x !== inputs.weight) {
    run(target?.gradient ?? null, flow.sum(inputs.weight), flow.sum(inputs.bias))
    return
  }
  // One gradient for both: the first must be there before the second is added.
  run(target?.gradient ?? null, null, flow.sum(inputs.bias))
  run(null, flow.sum(inputs.weight), null)
}
