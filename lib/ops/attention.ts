import { EverlearnError } from '../error.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Dropout, dropoutArguments, dropoutTensors } from './dropout.ts'

/**
 * Multi-head self-attention within each sequence of a packed batch: dropout(softmax(q kᵀ / √(C / heads))) v.
 *
 * qkv [M, 3C] holds queries, keys and values side by side, heads inside each; sequence s is rows offsets[s] to
 * offsets[s + 1] (int32 [S + 1]). Returns [M, C]; rows of no sequence are zeros.
 *
 * @param longest no sequence is longer; 0: not known. A GPU is quicker when it is.
 */
export function attention<D extends Floating>(
  qkv: Tensor<D>,
  offsets: Tensor<'int32'>,
  heads: number,
  dropout: Dropout | null = null,
  longest = 0,
): Tensor<D> {
  const { device } = qkv
  const [rows, width] = qkv.shape
  if (!Number.isInteger(heads) || heads < 1 || width % (3 * heads) !== 0)
    throw new EverlearnError(
      'SHAPE',
      `attention: [${qkv.shape.join(', ')}] does not divide into queries, keys and values of ${heads} heads`,
    )
  const y = device.empty([rows, width / 3], qkv.dtype, 'attention')
  using lse = device.empty([heads, rows], 'float32', 'attention')
  device.run('attention', qkv, offsets, y, lse, heads, longest, ...dropoutArguments(dropout))
  const saved = [qkv, offsets, y, lse, ...dropoutTensors(dropout)] as const
  device.recorder(qkv)?.record(y, saved, (flow, [heldQkv, heldOffsets, heldY, heldLse, ...held]) => {
    const dqkv = device.empty(qkv.shape, qkv.dtype, 'attentionBackward')
    device.run(
      'attentionBackward',
      flow.gradient,
      heldQkv,
      heldOffsets,
      heldY,
      heldLse,
      dqkv,
      heads,
      longest,
      ...dropoutArguments(dropout, held),
    )
    flow.give(qkv, dqkv)
  })
  return y
}
