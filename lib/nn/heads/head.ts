import type { Floating } from '../../tensor/dtype.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Arena } from '../arena.ts'
import type { HeadTargets } from '../batch.ts'
import type { Encoder } from '../encoder.ts'
import type { Randomness } from '../randomness.ts'

/** What a head predicts. `dropout` before the last product; the encoder's where it is left out. */
export type HeadSpec =
  | { kind: 'masked-language-model' }
  | { kind: 'sentence-classification' | 'token-classification'; classes: number; dropout?: number }
  | { kind: 'regression'; dropout?: number }

/** How a forward pass is meant: nothing given is evaluation. */
export interface Pass {
  randomness?: Randomness | null
  /** float32 [1], for float16: multiplies gradients, not losses. */
  lossScale?: Tensor<'float32'> | null
}

/** The part of a model that belongs to one task. */
export interface Head {
  readonly name: string
  readonly spec: HeadSpec
  readonly arena: Arena
  /** Classes told apart; 1 for a regression. */
  readonly classes: number
  /**
   * Predictions for the rows `index` looks at, [M, at least `classes`]: columns beyond `classes` are padding.
   * hidden [tokens, hidden size] as the encoder gave it.
   */
  predict(hidden: Tensor<Floating>, rows: Pick<HeadTargets, 'index' | 'rows'>, pass?: Pass): Tensor<Floating>
  /** float32 [1]: targets.scale times the sum of the rows' losses. */
  loss(hidden: Tensor<Floating>, targets: HeadTargets, pass?: Pass): Tensor<'float32'>
}

/** Makes a head of one kind with new parameters. */
export type MakeHead<Spec extends HeadSpec> = (
  name: string,
  spec: Spec,
  encoder: Encoder,
  seed: number,
) => Head
