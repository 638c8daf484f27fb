import { EverlearnError } from '../error.ts'
import { bytesPerElement, type Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { linear } from './linear.ts'
import { giveLossGradient } from './loss.ts'
import {
  addSoftmaxCrossEntropy,
  type SoftmaxCrossEntropyOptions,
  softmaxCrossEntropy,
} from './softmax-cross-entropy.ts'

export interface LinearCrossEntropyOptions extends Omit<SoftmaxCrossEntropyOptions, 'overwrite'> {
  /** Rows whose logits there is memory for; by default as many as 128 MiB hold. */
  rowsAtOnce?: number
}

const name = 'linearCrossEntropy'

/**
 * 2,198 rows of half precision over a vocabulary of 30,528: enough to fill a GPU, and not more parts than need be, each of
 * which adds to all of the weight's gradient.
 */
const logitsBytes = 128 * 2 ** 20

/**
 * softmaxCrossEntropy(linear(x, weight, bias), labels), the logits of some rows after those of others: x [M, K], weight
 * float32 [N, K], bias float32 [N] or none, labels int32 [M]; scale, counts and rows with a label < 0 as there.
 *
 * Where the rows are too many for their logits to be there at once, all gradients are found in the forward pass: the
 * loss's own gradient is but a factor, which the backward multiplies them by. They take the memory of x and of weight
 * meanwhile; to make the logits again in the backward would take none, but a third more time.
 */
export function linearCrossEntropy(
  x: Tensor<Floating>,
  weight: Tensor<'float32'>,
  bias: Tensor<'float32'> | null,
  labels: Tensor<'int32'>,
  options: LinearCrossEntropyOptions,
): Tensor<'float32'> {
  const { device } = x
  const [rows] = x.shape
  const [columns] = weight.shape
  if (labels.size !== rows)
    throw new EverlearnError(
      'SHAPE',
      `${name}: ${labels.size} labels for x of shape [${x.shape.join(', ')}]; a row has one`,
    )
  const { rowsAtOnce = evenly(rows, logitsBytes / (columns * bytesPerElement[x.dtype])) } = options
  if (rows <= rowsAtOnce) {
    using logits = linear(x, weight, bias)
    return softmaxCrossEntropy(logits, labels, { ...options, overwrite: true })
  }

  const tape = device.recorder(x, weight, bias)
  const loss = device.zeros([1], 'float32')
  using dx = tape?.tracks(x) ? device.empty(x.shape, x.dtype, name) : null
  using dweight = tape?.tracks(weight) ? device.zeros(weight.shape, 'float32', name) : null
  using dbias = bias && tape?.tracks(bias) ? device.zeros(bias.shape, 'float32', name) : null
  device.withoutTape(() => {
    using memory = device.empty([rowsAtOnce, columns], x.dtype, name)
    for (let start = 0; start < rows; start += rowsAtOnce) {
      const end = Math.min(rows, start + rowsAtOnce)
      using part = x.slice(start, end)
      using said = labels.slice(start, end)
      using logits = memory.slice(0, end - start)
      device.run('linear', part, weight, bias, logits)
      addSoftmaxCrossEntropy(loss, logits, said, tape ? logits : null, options)
      if (!tape) continue
      using dpart = dx?.slice(start, end) ?? null
      device.run('linearBackward', logits, part, weight, dpart, dweight, dbias, false)
    }
  })
  tape?.record(loss, [dx, dweight, dbias], (flow, [heldDx, heldDweight, heldDbias]) => {
    if (heldDx) giveLossGradient(flow, x, heldDx)
    if (heldDweight) giveLossGradient(flow, weight, heldDweight)
    if (bias && heldDbias) giveLossGradient(flow, bias, heldDbias)
  })
  return loss
}

/** The size of equal parts of some rows, `most` each or hardly more: a multiple of 64, so that few shapes of products exist. */
function evenly(rows: number, most: number): number {
  const parts = Math.max(1, Math.ceil(rows / Math.max(1, most)))
  return Math.ceil(rows / parts / 64) * 64
}
