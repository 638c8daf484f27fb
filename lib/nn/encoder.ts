import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Parameter, Tensor } from '../tensor/tensor.ts'
import type { Arena } from './arena.ts'
import type { EncoderBatch } from './batch.ts'
import type { EncoderConfig } from './config.ts'
import type { Randomness } from './randomness.ts'

/** What heads stand on. */
export interface Encoder {
  readonly device: Device
  /** dtype of activations. */
  readonly dtype: Floating
  readonly arena: Arena
  readonly config: Pick<
    EncoderConfig,
    'vocabularySize' | 'hiddenSize' | 'activation' | 'layerNormEpsilon' | 'hiddenDropout' | 'initializerRange'
  >
  /** float32 [vocabulary rounded up to 64, hidden]: a masked language model shares it. */
  readonly wordEmbeddings: Parameter
  /** Token representations, [tokens, hidden]. */
  encode(batch: EncoderBatch, randomness?: Randomness | null): Tensor<Floating>
  /** Sentence representations of the inputs that begin at tokens `index` (int32 [M]): [M, hidden]. */
  pool(hidden: Tensor<Floating>, index: Tensor<'int32'>): Tensor<Floating>
}
