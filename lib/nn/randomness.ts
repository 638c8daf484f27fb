import type { Dropout } from '../ops/dropout.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What dropout depends on besides its place and the row; absent in evaluation: nothing is dropped. */
export interface Randomness {
  seed: number
  /** int32 [1]. */
  step: Tensor<'int32'>
}

/** The arguments of one dropout site (`siteOf`), or null where nothing is to be dropped. */
export function dropoutAt(
  randomness: Randomness | null | undefined,
  rows: Tensor<'int32'>,
  site: number,
  probability: number,
): Dropout | null {
  return randomness && probability > 0 ? { ...randomness, rows, site, probability } : null
}
