import { attention } from '../ops/attention.ts'
import { linear } from '../ops/linear.ts'
import { residualLayerNorm } from '../ops/residual-layer-norm.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Arena, ParameterSpec } from './arena.ts'
import type { EncoderBatch } from './batch.ts'
import type { EncoderConfig } from './config.ts'
import { type LayerNorm, layerNormAt, layerNormSpecs } from './layer-norm.ts'
import { type Linear, linearAt, linearSpecs } from './linear.ts'
import { dropoutAt, type Randomness } from './randomness.ts'
import { siteOf } from './site.ts'

/** Self-attention sublayer: queries, keys and values in one product, then output, residual and LayerNorm. */
export interface AttentionBlock {
  qkv: Linear
  output: Linear
  norm: LayerNorm
  sites: { probabilities: number; output: number }
}

export function attentionBlockSpecs(path: string, config: EncoderConfig): ParameterSpec[] {
  const { hiddenSize, initializerRange } = config
  return [
    ...linearSpecs(`${path}.self.qkv`, hiddenSize, 3 * hiddenSize, initializerRange),
    ...linearSpecs(`${path}.output.dense`, hiddenSize, hiddenSize, initializerRange),
    ...layerNormSpecs(`${path}.output.LayerNorm`, hiddenSize),
  ]
}

export function attentionBlockAt(arena: Arena, path: string): AttentionBlock {
  return {
    qkv: linearAt(arena, `${path}.self.qkv`),
    output: linearAt(arena, `${path}.output.dense`),
    norm: layerNormAt(arena, `${path}.output.LayerNorm`),
    sites: { probabilities: siteOf(`${path}.self`), output: siteOf(`${path}.output`) },
  }
}

/** x and the result [tokens, hidden]. */
export function attend(
  block: AttentionBlock,
  x: Tensor<Floating>,
  batch: EncoderBatch,
  config: EncoderConfig,
  randomness: Randomness | null,
): Tensor<Floating> {
  const { heads, attentionDropout, hiddenDropout, layerNormEpsilon } = config
  using qkv = linear(x, block.qkv.weight, block.qkv.bias)
  const probabilities = dropoutAt(randomness, batch.rows, block.sites.probabilities, attentionDropout)
  using context = attention(qkv, batch.offsets, heads, probabilities, batch.longest)
  using projected = linear(context, block.output.weight)
  return residualLayerNorm(projected, block.output.bias, x, block.norm.gamma, block.norm.beta, {
    epsilon: layerNormEpsilon,
    dropout: dropoutAt(randomness, batch.rows, block.sites.output, hiddenDropout),
  })
}
