import { dropout } from '../ops/dropout.ts'
import { linear } from '../ops/linear.ts'
import { lstm } from '../ops/lstm.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Parameter, Tensor } from '../tensor/tensor.ts'
import type { Arena, ParameterSpec } from './arena.ts'
import type { EncoderBatch } from './batch.ts'
import { type Linear, linearAt, linearSpecs } from './linear.ts'
import type { LstmConfig } from './lstm-config.ts'
import { dropoutAt, type Randomness } from './randomness.ts'
import { siteOf } from './site.ts'

/** Both directions of one layer, their gates i, f, g, o side by side: first those of the first direction. */
export interface LstmLayer {
  /** weight [8 hidden, inputs], bias [8 hidden]. */
  input: Linear
  /** [8 hidden, hidden]. */
  recurrent: Parameter
  /** Of the dropout before it; null: none. */
  site: number | null
}

/** @param inputs columns of what the layer is given */
export function lstmLayerSpecs(path: string, inputs: number, { hiddenSize }: LstmConfig): ParameterSpec[] {
  const gates = 8 * hiddenSize
  return [
    // A transformer's small values would fade from layer to layer: nothing is normalised between them.
    ...linearSpecs(`${path}.input`, inputs, gates, 1 / Math.sqrt(inputs)),
    {
      name: `${path}.recurrent.weight`,
      shape: [gates, hiddenSize],
      initial: { deviation: 1 / Math.sqrt(hiddenSize) },
    },
  ]
}

/** @param isDropped whether dropout comes before it */
export function lstmLayerAt(arena: Arena, path: string, isDropped: boolean): LstmLayer {
  return {
    input: linearAt(arena, `${path}.input`),
    recurrent: arena.parameter(`${path}.recurrent.weight`),
    site: isDropped ? siteOf(`${path}.input`) : null,
  }
}

/** Bias 1 of the forget gates: a new layer remembers (Jozefowicz et al. 2015). */
export function openForgetGates(arena: Arena, path: string, { hiddenSize }: LstmConfig): void {
  const ones = new Float32Array(hiddenSize).fill(1)
  for (const direction of [0, 1]) {
    const start = (4 * direction + 1) * hiddenSize
    arena.load(`${path}.input.bias`, ones, start, start + hiddenSize)
  }
}

/** x [tokens, inputs]; result [tokens, 2 hidden], the directions side by side. */
export function runLstm(
  layer: LstmLayer,
  config: LstmConfig,
  x: Tensor<Floating>,
  { rows, offsets }: EncoderBatch,
  randomness: Randomness | null,
): Tensor<Floating> {
  const site = layer.site === null ? null : dropoutAt(randomness, rows, layer.site, config.hiddenDropout)
  using dropped = site ? dropout(x, site) : null
  using projected = linear(dropped ?? x, layer.input.weight, layer.input.bias)
  return lstm(projected, layer.recurrent, offsets, { overwrite: true })
}
