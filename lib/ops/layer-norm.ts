import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { residualLayerNorm } from './residual-layer-norm.ts'

/** LayerNorm over the last axis: x [M, C]; gamma, beta float32 [C]. */
export function layerNorm<D extends Floating>(
  x: Tensor<D>,
  gamma: Tensor<'float32'>,
  beta: Tensor<'float32'>,
  epsilon: number,
): Tensor<D> {
  return residualLayerNorm(x, null, null, gamma, beta, { epsilon })
}
