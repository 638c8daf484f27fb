import { EverlearnError } from '../../error.ts'
import { type SoftmaxCrossEntropyOptions, softmaxCrossEntropy } from '../../ops/softmax-cross-entropy.ts'
import type { Floating } from '../../tensor/dtype.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { HeadTargets } from '../batch.ts'
import type { Pass } from './head.ts'

/** Cross-entropy of logits nobody else looks at. */
export function classificationLoss(
  logits: Tensor<Floating>,
  targets: HeadTargets,
  classes: number,
  pass: Pass,
): Tensor<'float32'> {
  const { labels, options } = classTargets(targets, classes, pass)
  return softmaxCrossEntropy(logits, labels, { ...options, overwrite: true })
}

/** What a loss over classes takes of a head's targets. */
export function classTargets(
  { labels, scale, statistics, head }: HeadTargets,
  classes: number,
  { lossScale }: Pass,
): { labels: Tensor<'int32'>; options: SoftmaxCrossEntropyOptions } {
  if (labels.dtype !== 'int32')
    throw new EverlearnError('DTYPE', `${head}: class labels are int32, found ${labels.dtype}`)
  return { labels: labels as Tensor<'int32'>, options: { scale, statistics, classes, lossScale } }
}
