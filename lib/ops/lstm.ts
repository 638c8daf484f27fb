import { EverlearnError } from '../error.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface LstmOptions {
  /** `projected` may be written over: it holds the gates' values afterwards. */
  overwrite?: boolean
}

/**
 * One layer of an LSTM within each sequence of a packed batch, from states of zero, as torch.nn.LSTM computes it.
 *
 * projected [M, 4 D H] is x Wᵢₕᵀ + b of all tokens: for each of the D directions (1 or 2: from a sequence's first token
 * to its last, then back) the gates i, f, g, o side by side, H each. weight float32 [4 D H, H] is Wₕₕ, its rows in the
 * same order. Sequence s is rows offsets[s] to offsets[s + 1] (int32 [S + 1]). Returns [M, D H], the directions side by
 * side; rows of no sequence are zeros.
 */
export function lstm<D extends Floating>(
  projected: Tensor<D>,
  weight: Tensor<'float32'>,
  offsets: Tensor<'int32'>,
  { overwrite = false }: LstmOptions = {},
): Tensor<D> {
  const { device, dtype } = projected
  const [rows, columns] = projected.shape
  const [gates, size] = weight.shape
  const directions = gates / (4 * size)
  if (columns !== gates || (directions !== 1 && directions !== 2))
    throw new EverlearnError(
      'SHAPE',
      `lstm: projected [${projected.shape.join(', ')}] and weight [${weight.shape.join(', ')}] do not fit; weight has 4 × ` +
        'its columns of rows for one direction, 8 × for two, and projected a column for each row of it',
    )
  const y = device.empty([rows, directions * size], dtype, 'lstm')
  const tape = device.recorder(projected, weight)
  if (!tape) {
    device.run('lstm', projected, offsets, weight, y, null, null)
    return y
  }
  using kept = overwrite ? projected.alias('lstm') : device.empty(projected.shape, dtype, 'lstm')
  using cells = device.empty(y.shape, 'float32', 'lstm')
  device.run('lstm', projected, offsets, weight, y, kept, cells)
  const saved = [offsets, weight, y, kept, cells] as const
  tape.record(y, saved, (flow, [heldOffsets, heldWeight, heldY, heldGates, heldCells]) => {
    const dweight = flow.sum(weight)
    // Nothing needs the gates once their gradients are there.
    const dprojected = heldGates.alias('lstm')
    device.run(
      'lstmBackward',
      flow.gradient,
      heldOffsets,
      heldWeight,
      heldY,
      heldGates,
      heldCells,
      dprojected,
      dweight,
    )
    flow.give(projected, dprojected)
  })
  return y
}
