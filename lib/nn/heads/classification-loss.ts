import { EverlearnError } from '../../error.ts'
import { softmaxCrossEntropy } from '../../ops/softmax-cross-entropy.ts'
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
  const { labels, scale, statistics, head } = targets
  if (labels.dtype !== 'int32')
    throw new EverlearnError('DTYPE', `${head}: class labels are int32, found ${labels.dtype}`)
  return softmaxCrossEntropy(logits, labels as Tensor<'int32'>, {
    scale,
    statistics,
    classes,
    lossScale: pass.lossScale,
    overwrite: true,
  })
}
