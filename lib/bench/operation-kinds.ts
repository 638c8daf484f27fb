import type { NativeOps } from '../tensor/native-ops.ts'

export type OperationKind =
  | 'products'
  | 'attention'
  | 'recurrence'
  | 'embedding'
  | 'normalisation'
  | 'elementwise'
  | 'losses'
  | 'optimiser'
  | 'copies'

/** What a training step's time is told by. */
export const operationKinds: Record<keyof NativeOps, OperationKind> = {
  linear: 'products',
  linearBackward: 'products',
  attention: 'attention',
  attentionBackward: 'attention',
  lstm: 'recurrence',
  lstmBackward: 'recurrence',
  embedding: 'embedding',
  embeddingBackward: 'embedding',
  residualLayerNorm: 'normalisation',
  residualLayerNormBackward: 'normalisation',
  biasActivation: 'elementwise',
  biasActivationBackward: 'elementwise',
  add: 'elementwise',
  mul: 'elementwise',
  scale: 'elementwise',
  sum: 'elementwise',
  dropout: 'elementwise',
  randomFill: 'elementwise',
  softmaxCrossEntropy: 'losses',
  meanSquaredError: 'losses',
  sumOfSquares: 'optimiser',
  gradientControl: 'optimiser',
  adamw: 'optimiser',
  movingAverage: 'optimiser',
  fill: 'copies',
  copy: 'copies',
  gatherRows: 'copies',
  scatterRows: 'copies',
}
