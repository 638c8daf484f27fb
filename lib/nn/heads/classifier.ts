import { dropout } from '../../ops/dropout.ts'
import { linear } from '../../ops/linear.ts'
import type { Floating } from '../../tensor/dtype.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Arena } from '../arena.ts'
import type { Encoder } from '../encoder.ts'
import { linearAt, linearSpecs } from '../linear.ts'
import { dropoutAt } from '../randomness.ts'
import { siteOf } from '../site.ts'
import type { Pass } from './head.ts'

/** Dropout, then one product: the end of every head but the masked language model. */
export interface Classifier {
  arena: Arena
  /** features [M, hidden]; result [M, outputs]. */
  apply(features: Tensor<Floating>, rows: Tensor<'int32'>, pass: Pass): Tensor<Floating>
}

export function createClassifier(
  name: string,
  encoder: Encoder,
  outputs: number,
  seed: number,
  probability = encoder.config.hiddenDropout,
): Classifier {
  const { hiddenSize, initializerRange } = encoder.config
  const arena = new Arena(
    encoder.device,
    name,
    linearSpecs('classifier', hiddenSize, outputs, initializerRange),
    seed,
  )
  const { weight, bias } = linearAt(arena, 'classifier')
  const place = siteOf(`${name}.classifier`)
  return {
    arena,
    apply(features, rows, pass) {
      const site = dropoutAt(pass.randomness, rows, place, probability)
      if (!site) return linear(features, weight, bias)
      using dropped = dropout(features, site)
      return linear(dropped, weight, bias)
    },
  }
}
