import { gatherRows } from '../ops/gather-rows.ts'
import { linear } from '../ops/linear.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Parameter, Tensor } from '../tensor/tensor.ts'
import { Arena } from './arena.ts'
import type { EncoderBatch } from './batch.ts'
import { checkEncoderConfig, type EncoderConfig } from './config.ts'
import { type Embeddings, embed, embeddingsAt, embeddingsSpecs } from './embeddings.ts'
import type { Encoder, EncoderOptions } from './encoder.ts'
import { type Linear, linearAt, linearSpecs } from './linear.ts'
import type { Randomness } from './randomness.ts'
import { type RunLayer, runLayer } from './run-layer.ts'
import {
  type TransformerLayer,
  transform,
  transformerLayerAt,
  transformerLayerSpecs,
} from './transformer-layer.ts'

/** ERNIE 2.0's encoder: BERT's layout with a task embedding, LayerNorm after each sublayer, tanh pooler. */
export class TransformerEncoder implements Encoder {
  readonly type = 'transformer'
  readonly device: Device
  readonly dtype: Floating
  readonly config: EncoderConfig
  readonly arena: Arena
  readonly #embeddings: Embeddings
  readonly #layers: readonly TransformerLayer[]
  readonly #runLayer: RunLayer
  readonly #pooler: Linear

  constructor(device: Device, config: EncoderConfig, options: EncoderOptions) {
    checkEncoderConfig(config)
    this.device = device
    this.dtype = options.dtype ?? 'float32'
    this.config = config
    this.#runLayer = runLayer(options.activationCheckpointing)
    const paths = Array.from({ length: config.layers }, (_, index) => `encoder.layer.${index}`)
    const specs = [
      ...embeddingsSpecs(config),
      ...paths.flatMap((path) => transformerLayerSpecs(path, config)),
      ...linearSpecs('pooler.dense', config.hiddenSize, config.hiddenSize, config.initializerRange),
    ]
    this.arena = new Arena(device, 'encoder', specs, options.seed)
    this.#embeddings = embeddingsAt(this.arena)
    this.#layers = paths.map((path) => transformerLayerAt(this.arena, path))
    this.#pooler = linearAt(this.arena, 'pooler.dense')
  }

  get hiddenSize(): number {
    return this.config.hiddenSize
  }

  get wordEmbeddings(): Parameter {
    return this.#embeddings.word
  }

  /** The input representation alone, [tokens, hidden]. */
  embed(batch: EncoderBatch, randomness: Randomness | null = null): Tensor<Floating> {
    return embed(this.#embeddings, batch, this.dtype, this.config, randomness)
  }

  encode(batch: EncoderBatch, randomness: Randomness | null = null): Tensor<Floating> {
    let hidden = this.embed(batch, randomness)
    for (const layer of this.#layers) {
      using previous = hidden
      hidden = this.#runLayer(previous, batch, randomness, (...given) =>
        transform(layer, this.config, ...given),
      )
    }
    return hidden
  }

  pool(hidden: Tensor<Floating>, index: Tensor<'int32'>): Tensor<Floating> {
    using first = gatherRows(hidden, index)
    return linear(first, this.#pooler.weight, this.#pooler.bias, 'tanh')
  }

  dispose(): void {
    this.arena.dispose()
  }
}
