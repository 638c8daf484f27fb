import { EverlearnError } from '../../error.ts'
import { meanSquaredError } from '../../ops/mean-squared-error.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { createClassifier } from './classifier.ts'
import type { Head, HeadSpec, MakeHead } from './head.ts'

type Spec = Extract<HeadSpec, { kind: 'regression' }>

/** A number for each input, from the pooled representation of its first token; squared error. */
export const regressionHead: MakeHead<Spec> = (name, spec, encoder, seed) => {
  const classifier = createClassifier(name, encoder, 1, seed, spec.dropout)
  const head: Head = {
    name,
    spec,
    arena: classifier.arena,
    classes: 1,
    predict(hidden, { index, rows }, pass = {}) {
      using pooled = encoder.pool(hidden, index)
      return classifier.apply(pooled, rows, pass)
    },
    loss(hidden, targets, pass = {}) {
      const { labels, scale, statistics } = targets
      if (labels.dtype !== 'float32')
        throw new EverlearnError(
          'DTYPE',
          `${name}: values of a regression are float32, found ${labels.dtype}`,
        )
      using predicted = head.predict(hidden, targets, pass)
      using wanted = (labels as Tensor<'float32'>).reshape([labels.size, 1])
      return meanSquaredError(predicted, wanted, {
        scale,
        statistics,
        lossScale: pass.lossScale,
        overwrite: true,
      })
    },
  }
  return head
}
