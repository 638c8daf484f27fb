import { linear } from '../ops/linear.ts'
import { residualLayerNorm } from '../ops/residual-layer-norm.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Arena, ParameterSpec } from './arena.ts'
import { type AttentionBlock, attend, attentionBlockAt, attentionBlockSpecs } from './attention-block.ts'
import type { EncoderBatch } from './batch.ts'
import type { EncoderConfig } from './config.ts'
import { type LayerNorm, layerNormAt, layerNormSpecs } from './layer-norm.ts'
import { type Linear, linearAt, linearSpecs } from './linear.ts'
import { dropoutAt, type Randomness } from './randomness.ts'
import { siteOf } from './site.ts'

/** Attention, then two products with an activation between; a LayerNorm after each sublayer (post-LayerNorm). */
export interface TransformerLayer {
  attention: AttentionBlock
  intermediate: Linear
  output: Linear
  norm: LayerNorm
  site: number
}

export function transformerLayerSpecs(path: string, config: EncoderConfig): ParameterSpec[] {
  const { hiddenSize, intermediateSize, initializerRange } = config
  return [
    ...attentionBlockSpecs(`${path}.attention`, config),
    ...linearSpecs(`${path}.intermediate.dense`, hiddenSize, intermediateSize, initializerRange),
    ...linearSpecs(`${path}.output.dense`, intermediateSize, hiddenSize, initializerRange),
    ...layerNormSpecs(`${path}.output.LayerNorm`, hiddenSize),
  ]
}

export function transformerLayerAt(arena: Arena, path: string): TransformerLayer {
  return {
    attention: attentionBlockAt(arena, `${path}.attention`),
    intermediate: linearAt(arena, `${path}.intermediate.dense`),
    output: linearAt(arena, `${path}.output.dense`),
    norm: layerNormAt(arena, `${path}.output.LayerNorm`),
    site: siteOf(`${path}.output`),
  }
}

/** x and the result [tokens, hidden]. */
export function transform(
  layer: TransformerLayer,
  config: EncoderConfig,
  x: Tensor<Floating>,
  batch: EncoderBatch,
  randomness: Randomness | null,
): Tensor<Floating> {
  const { intermediate, output, norm } = layer
  using attended = attend(layer.attention, x, batch, config, randomness)
  using inner = linear(attended, intermediate.weight, intermediate.bias, config.activation)
  using projected = linear(inner, output.weight)
  return residualLayerNorm(projected, output.bias, attended, norm.gamma, norm.beta, {
    epsilon: config.layerNormEpsilon,
    dropout: dropoutAt(randomness, batch.rows, layer.site, config.hiddenDropout),
  })
}
