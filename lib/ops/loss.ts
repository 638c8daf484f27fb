import type { Flow } from '../tensor/flow.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface LossOptions {
  /** float32 [1]: what the sum of the rows' losses is multiplied by, such as weight / count. */
  scale: Tensor<'float32'>
  /** float32 [1]: what gradients are multiplied by besides; the optimiser divides it out again. */
  lossScale?: Tensor<'float32'> | null
  /** float32 [3], added to: sum of the rows' losses, rows predicted rightly, rows that count. */
  statistics?: Tensor<'float32'> | null
  /** The gradient may be written over the prediction, which is lost then: nobody else needs it. */
  overwrite?: boolean
}

/** @internal A loss finds its gradient in the forward pass; the backward hands it on, multiplied by the loss's own. */
export function giveLossGradient(flow: Flow, input: Tensor, held: Tensor): void {
  const gradient = held.alias('backward')
  if (!flow.isOne) held.device.run('scale', gradient, flow.gradient as Tensor<'float32'>, gradient, 1)
  flow.give(input, gradient)
}
