import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { giveLossGradient, type LossOptions } from './loss.ts'

/**
 * scale * sum of (x - target)², float32 [1]; with scale = 1 / count the mean. target float32 of x's shape; where it is
 * NaN the value does not count.
 */
export function meanSquaredError(
  x: Tensor<Floating>,
  target: Tensor<'float32'>,
  options: LossOptions,
): Tensor<'float32'> {
  const { device } = x
  const { scale, lossScale = null, statistics = null, overwrite = false } = options
  const loss = device.zeros([1], 'float32')
  const tape = device.recorder(x)
  if (!tape) {
    device.run('meanSquaredError', x, target, scale, lossScale, loss, statistics, null)
    return loss
  }
  using gradient = overwrite
    ? x.alias('meanSquaredError')
    : device.empty(x.shape, x.dtype, 'meanSquaredError')
  device.run('meanSquaredError', x, target, scale, lossScale, loss, statistics, gradient)
  tape.record(loss, [gradient], (flow, [held]) => giveLossGradient(flow, x, held))
  return loss
}
