import { EverlearnError } from '../error.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { giveLossGradient, type LossOptions } from './loss.ts'

export interface SoftmaxCrossEntropyOptions extends LossOptions {
  /** Columns beyond these are padding. All columns by default. */
  classes?: number
  /** Label smoothing e: (1 - e) * -log p[label] + e * mean of -log p. */
  smoothing?: number
}

/**
 * scale * sum over rows of -log softmax(logits)[label], float32 [1]. logits [M, V]; labels int32 [M], rows with a
 * label < 0 do not count.
 */
export function softmaxCrossEntropy(
  logits: Tensor<Floating>,
  labels: Tensor<'int32'>,
  options: SoftmaxCrossEntropyOptions,
): Tensor<'float32'> {
  const { device } = logits
  const { classes = logits.shape[1] } = options
  if (!(classes >= 1 && classes <= logits.shape[1]))
    throw new EverlearnError(
      'SHAPE',
      `softmaxCrossEntropy: ${classes} classes of logits of shape [${logits.shape.join(', ')}]`,
    )
  const loss = device.zeros([1], 'float32')
  const tape = device.recorder(logits)
  using gradient = !tape
    ? null
    : options.overwrite
      ? logits.alias('softmaxCrossEntropy')
      : device.empty(logits.shape, logits.dtype, 'softmaxCrossEntropy')
  addSoftmaxCrossEntropy(loss, logits, labels, gradient, { ...options, classes })
  tape?.record(loss, [gradient], (flow, [held]) => giveLossGradient(flow, logits, held as Tensor))
  return loss
}

/** @internal Queues the operation: adds to `loss`, and writes the gradient of the logits where one is wanted. */
export function addSoftmaxCrossEntropy(
  loss: Tensor<'float32'>,
  logits: Tensor<Floating>,
  labels: Tensor<'int32'>,
  gradient: Tensor<Floating> | null,
  { scale, lossScale = null, statistics = null, smoothing = 0, ...options }: SoftmaxCrossEntropyOptions,
): void {
  const { classes = logits.shape[1] } = options
  logits.device.run(
    'softmaxCrossEntropy',
    logits,
    labels,
    scale,
    lossScale,
    loss,
    statistics,
    gradient,
    classes,
    smoothing,
  )
}
