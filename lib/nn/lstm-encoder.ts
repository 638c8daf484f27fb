import { gatherRows } from '../ops/gather-rows.ts'
import { linear } from '../ops/linear.ts'
import { residualLayerNorm } from '../ops/residual-layer-norm.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Parameter, Tensor } from '../tensor/tensor.ts'
import { Arena } from './arena.ts'
import type { EncoderBatch } from './batch.ts'
import { type Embeddings, embed, embeddingsAt, embeddingsSpecs } from './embeddings.ts'
import type { Encoder, EncoderOptions } from './encoder.ts'
import { type LayerNorm, layerNormAt, layerNormSpecs } from './layer-norm.ts'
import { type Linear, linearAt, linearSpecs } from './linear.ts'
import { checkLstmConfig, type LstmConfig } from './lstm-config.ts'
import { type LstmLayer, lstmLayerAt, lstmLayerSpecs, openForgetGates, runLstm } from './lstm-layer.ts'
import { dropoutAt, type Randomness } from './randomness.ts'
import { type RunLayer, runLayer } from './run-layer.ts'
import { siteOf } from './site.ts'

const outputSite = siteOf('output')

/**
 * A recurrent encoder in place of the Transformer (ERNIE 2.0, Figure 4: "recurrent neural networks or a deep
 * Transformer"): the same embeddings and pooler, between them bidirectional LSTM layers with dropout from one to the
 * next, and at the end a product back to the hidden size, dropout and LayerNorm, so that heads see what they are used to.
 */
export class LstmEncoder implements Encoder {
  readonly type = 'lstm'
  readonly device: Device
  readonly dtype: Floating
  readonly config: LstmConfig
  readonly arena: Arena
  readonly #embeddings: Embeddings
  readonly #layers: readonly LstmLayer[]
  readonly #runLayer: RunLayer
  readonly #output: Linear
  readonly #norm: LayerNorm
  readonly #pooler: Linear

  constructor(device: Device, config: LstmConfig, options: EncoderOptions) {
    checkLstmConfig(config)
    this.device = device
    this.dtype = options.dtype ?? 'float32'
    this.config = config
    this.#runLayer = runLayer(options.activationCheckpointing)
    const { layers, hiddenSize, initializerRange } = config
    const paths = Array.from({ length: layers }, (_, index) => `encoder.layer.${index}`)
    const specs = [
      ...embeddingsSpecs(config),
      ...paths.flatMap((path, index) => lstmLayerSpecs(path, (index > 0 ? 2 : 1) * hiddenSize, config)),
      ...linearSpecs('output.dense', 2 * hiddenSize, hiddenSize, initializerRange),
      ...layerNormSpecs('output.LayerNorm', hiddenSize),
      ...linearSpecs('pooler.dense', hiddenSize, hiddenSize, initializerRange),
    ]
    this.arena = new Arena(device, 'encoder', specs, options.seed)
    for (const path of paths) openForgetGates(this.arena, path, config)
    this.#embeddings = embeddingsAt(this.arena)
    this.#layers = paths.map((path, index) => lstmLayerAt(this.arena, path, index > 0))
    this.#output = linearAt(this.arena, 'output.dense')
    this.#norm = layerNormAt(this.arena, 'output.LayerNorm')
    this.#pooler = linearAt(this.arena, 'pooler.dense')
  }

  get hiddenSize(): number {
    return this.config.hiddenSize
  }

  get wordEmbeddings(): Parameter {
    return this.#embeddings.word
  }

  encode(batch: EncoderBatch, randomness: Randomness | null = null): Tensor<Floating> {
    let hidden = embed(this.#embeddings, batch, this.dtype, this.config, randomness)
    for (const layer of this.#layers) {
      using previous = hidden
      hidden = this.#runLayer(previous, batch, randomness, (...given) =>
        runLstm(layer, this.config, ...given),
      )
    }
    using both = hidden
    using projected = linear(both, this.#output.weight)
    return residualLayerNorm(projected, this.#output.bias, null, this.#norm.gamma, this.#norm.beta, {
      epsilon: this.config.layerNormEpsilon,
      dropout: dropoutAt(randomness, batch.rows, outputSite, this.config.hiddenDropout),
    })
  }

  pool(hidden: Tensor<Floating>, index: Tensor<'int32'>): Tensor<Floating> {
    using first = gatherRows(hidden, index)
    return linear(first, this.#pooler.weight, this.#pooler.bias, 'tanh')
  }

  dispose(): void {
    this.arena.dispose()
  }
}
