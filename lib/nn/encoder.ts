import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Parameter, Tensor } from '../tensor/tensor.ts'
import type { Arena } from './arena.ts'
import type { EncoderBatch } from './batch.ts'
import type { SharedConfig } from './config.ts'
import type { Randomness } from './randomness.ts'

export interface EncoderOptions {
  /** dtype of activations; parameters are float32 whatever it is. Default float32. */
  dtype?: Floating
  /** Initial values depend on it. */
  seed: number
  /**
   * Keep of each layer its input alone and make the rest again in the backward: gradients are the same to the bit, a step
   * takes one more forward pass. Default false.
   */
  activationCheckpointing?: boolean
}

/** What heads stand on. */
export interface Encoder {
  readonly type: 'transformer' | 'lstm'
  readonly device: Device
  /** dtype of activations. */
  readonly dtype: Floating
  readonly arena: Arena
  readonly config: SharedConfig
  /** float32 [vocabulary rounded up to 64, hidden]: a masked language model shares it. */
  readonly wordEmbeddings: Parameter
  /** Token representations, [tokens, hidden]. */
  encode(batch: EncoderBatch, randomness?: Randomness | null): Tensor<Floating>
  /** Sentence representations of the inputs that begin at tokens `index` (int32 [M]): [M, hidden]. */
  pool(hidden: Tensor<Floating>, index: Tensor<'int32'>): Tensor<Floating>
}
