import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Dropout, dropoutArguments, dropoutTensors } from './dropout.ts'

export interface ResidualLayerNormOptions {
  epsilon: number
  dropout?: Dropout | null
}

/**
 * LayerNorm(dropout(x + bias) + residual) over the last axis: what follows each sublayer of a post-LayerNorm block.
 * x and residual [M, C]; bias (of the linear layer before, or none), gamma and beta float32 [C].
 */
export function residualLayerNorm<D extends Floating>(
  x: Tensor<D>,
  bias: Tensor<'float32'> | null,
  residual: Tensor<D> | null,
  gamma: Tensor<'float32'>,
  beta: Tensor<'float32'>,
  { epsilon, dropout = null }: ResidualLayerNormOptions,
): Tensor<D> {
  const { device } = x
  const y = device.empty(x.shape, x.dtype, 'residualLayerNorm')
  using mean = device.empty([x.shape[0]], 'float32', 'residualLayerNorm')
  using rstd = device.empty([x.shape[0]], 'float32', 'residualLayerNorm')
  const sites = dropoutArguments(dropout)
  device.run('residualLayerNorm', x, bias, residual, gamma, beta, y, mean, rstd, epsilon, ...sites)
  const tape = device.recorder(x, bias, residual, gamma, beta)
  const saved = [x, bias, residual, gamma, mean, rstd, ...dropoutTensors(dropout)] as const
  tape?.record(y, saved, (flow, [heldX, heldBias, heldResidual, heldGamma, heldMean, heldRstd, ...held]) => {
    const dx = flow.needs(x) ? device.empty(x.shape, x.dtype, 'residualLayerNormBackward') : null
    const dresidual = flow.target(residual)
    device.run(
      'residualLayerNormBackward',
      flow.gradient,
      heldX,
      heldBias,
      heldResidual,
      heldGamma,
      heldMean,
      heldRstd,
      dx,
      dresidual?.gradient ?? null,
      flow.sum(bias),
      flow.sum(gamma),
      flow.sum(beta),
      dresidual?.accumulate ?? false,
      ...dropoutArguments(dropout, held),
    )
    if (dx) flow.give(x, dx)
  })
  return y
}
