// Made by scripts/generate-native-ops.ts from native/ops.h, which says what each op computes.
import type { NativeTensor } from './native.ts'

/** The ops of a native device. Each checks its arguments and only queues the work. */
export interface NativeOps {
  /**
   * @param y out, [*] of any
   */
  fill(
    y: NativeTensor,
    value: number,
  ): void

  /**
   * @param x in, [*] of any
   * @param y out, [=x] of any
   */
  copy(
    x: NativeTensor,
    y: NativeTensor,
  ): void

  /**
   * @param a in, [*] of T
   * @param b in, [=a] of T
   * @param y out, [=a] of T
   */
  add(
    a: NativeTensor,
    b: NativeTensor,
    y: NativeTensor,
  ): void

  /**
   * @param a in, [*] of T
   * @param b in, [=a] of T
   * @param y out, [=a] of T
   */
  mul(
    a: NativeTensor,
    b: NativeTensor,
    y: NativeTensor,
  ): void

  /**
   * @param x in, [*] of T
   * @param by optional, [1] of float32
   * @param y out, [=x] of T
   */
  scale(
    x: NativeTensor,
    by: NativeTensor | null,
    y: NativeTensor,
    factor: number,
  ): void

  /**
   * @param x in, [*] of T
   * @param total inout, [1] of float32
   */
  sum(
    x: NativeTensor,
    total: NativeTensor,
    accumulate: boolean,
  ): void

  /**
   * @param y out, [*] of floating
   */
  randomFill(
    y: NativeTensor,
    distribution: 'uniform' | 'normal' | 'truncated_normal',
    a: number,
    b: number,
    seed: number,
    site: number,
  ): void

  /**
   * @param x in, [M C] of T
   * @param y out, [M C] of T
   * @param rows optional, [M] of int32
   * @param step optional, [1] of int32
   */
  dropout(
    x: NativeTensor,
    y: NativeTensor,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void

  /**
   * @param x in, [N C] of T
   * @param index in, [M] of int32
   * @param y out, [M C] of T
   */
  gatherRows(
    x: NativeTensor,
    index: NativeTensor,
    y: NativeTensor,
  ): void

  /**
   * @param x in, [M C] of T
   * @param index in, [M] of int32
   * @param y inout, [N C] of T
   */
  scatterRows(
    x: NativeTensor,
    index: NativeTensor,
    y: NativeTensor,
    accumulate: boolean,
  ): void

  /**
   * @param ids in, [M] of int32
   * @param positions in, [M] of int32
   * @param segments optional, [M] of int32
   * @param tasks optional, [M] of int32
   * @param word in, [V C] of float32
   * @param position in, [P C] of float32
   * @param segment optional, [G C] of float32
   * @param task optional, [K C] of float32
   * @param gamma in, [C] of float32
   * @param beta in, [C] of float32
   * @param y out, [M C] of T
   * @param mean out, [M] of float32
   * @param rstd out, [M] of float32
   * @param rows optional, [M] of int32
   * @param step optional, [1] of int32
   */
  embedding(
    ids: NativeTensor,
    positions: NativeTensor,
    segments: NativeTensor | null,
    tasks: NativeTensor | null,
    word: NativeTensor,
    position: NativeTensor,
    segment: NativeTensor | null,
    task: NativeTensor | null,
    gamma: NativeTensor,
    beta: NativeTensor,
    y: NativeTensor,
    mean: NativeTensor,
    rstd: NativeTensor,
    eps: number,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void

  /**
   * @param dy in, [M C] of T
   * @param ids in, [M] of int32
   * @param positions in, [M] of int32
   * @param segments optional, [M] of int32
   * @param tasks optional, [M] of int32
   * @param word in, [V C] of float32
   * @param position in, [P C] of float32
   * @param segment optional, [G C] of float32
   * @param task optional, [K C] of float32
   * @param gamma in, [C] of float32
   * @param mean in, [M] of float32
   * @param rstd in, [M] of float32
   * @param dword inout, [V C] of float32
   * @param dposition inout, [P C] of float32
   * @param dsegment optional inout, [G C] of float32
   * @param dtask optional inout, [K C] of float32
   * @param dgamma inout, [C] of float32
   * @param dbeta inout, [C] of float32
   * @param rows optional, [M] of int32
   * @param step optional, [1] of int32
   */
  embeddingBackward(
    dy: NativeTensor,
    ids: NativeTensor,
    positions: NativeTensor,
    segments: NativeTensor | null,
    tasks: NativeTensor | null,
    word: NativeTensor,
    position: NativeTensor,
    segment: NativeTensor | null,
    task: NativeTensor | null,
    gamma: NativeTensor,
    mean: NativeTensor,
    rstd: NativeTensor,
    dword: NativeTensor,
    dposition: NativeTensor,
    dsegment: NativeTensor | null,
    dtask: NativeTensor | null,
    dgamma: NativeTensor,
    dbeta: NativeTensor,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void

  /**
   * @param x in, [M C] of T
   * @param bias optional, [C] of float32
   * @param residual optional, [M C] of T
   * @param gamma in, [C] of float32
   * @param beta in, [C] of float32
   * @param y out, [M C] of T
   * @param mean out, [M] of float32
   * @param rstd out, [M] of float32
   * @param rows optional, [M] of int32
   * @param step optional, [1] of int32
   */
  residualLayerNorm(
    x: NativeTensor,
    bias: NativeTensor | null,
    residual: NativeTensor | null,
    gamma: NativeTensor,
    beta: NativeTensor,
    y: NativeTensor,
    mean: NativeTensor,
    rstd: NativeTensor,
    eps: number,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void

  /**
   * @param dy in, [M C] of T
   * @param x in, [M C] of T
   * @param bias optional, [C] of float32
   * @param residual optional, [M C] of T
   * @param gamma in, [C] of float32
   * @param mean in, [M] of float32
   * @param rstd in, [M] of float32
   * @param dx optional out, [M C] of T
   * @param dresidual optional inout, [M C] of T
   * @param dbias optional inout, [C] of float32
   * @param dgamma optional inout, [C] of float32
   * @param dbeta optional inout, [C] of float32
   * @param rows optional, [M] of int32
   * @param step optional, [1] of int32
   */
  residualLayerNormBackward(
    dy: NativeTensor,
    x: NativeTensor,
    bias: NativeTensor | null,
    residual: NativeTensor | null,
    gamma: NativeTensor,
    mean: NativeTensor,
    rstd: NativeTensor,
    dx: NativeTensor | null,
    dresidual: NativeTensor | null,
    dbias: NativeTensor | null,
    dgamma: NativeTensor | null,
    dbeta: NativeTensor | null,
    accumulate: boolean,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void

  /**
   * @param x in, [M C] of T
   * @param bias optional, [C] of float32
   * @param y out, [M C] of T
   */
  biasActivation(
    x: NativeTensor,
    bias: NativeTensor | null,
    y: NativeTensor,
    activation: 'none' | 'gelu' | 'gelu_tanh' | 'relu' | 'tanh',
  ): void

  /**
   * @param dy in, [M C] of T
   * @param x optional, [M C] of T
   * @param bias optional, [C] of float32
   * @param dx optional out, [M C] of T
   * @param dbias optional inout, [C] of float32
   */
  biasActivationBackward(
    dy: NativeTensor,
    x: NativeTensor | null,
    bias: NativeTensor | null,
    dx: NativeTensor | null,
    dbias: NativeTensor | null,
    activation: 'none' | 'gelu' | 'gelu_tanh' | 'relu' | 'tanh',
  ): void

  /**
   * @param x in, [M K] of T
   * @param weight in, [N K] of float32
   * @param bias optional, [N] of float32
   * @param y out, [M N] of T
   */
  linear(
    x: NativeTensor,
    weight: NativeTensor,
    bias: NativeTensor | null,
    y: NativeTensor,
  ): void

  /**
   * @param dy in, [M N] of T
   * @param x in, [M K] of T
   * @param weight in, [N K] of float32
   * @param dx optional inout, [M K] of T
   * @param dweight optional inout, [N K] of float32
   * @param dbias optional inout, [N] of float32
   */
  linearBackward(
    dy: NativeTensor,
    x: NativeTensor,
    weight: NativeTensor,
    dx: NativeTensor | null,
    dweight: NativeTensor | null,
    dbias: NativeTensor | null,
    accumulate: boolean,
  ): void

  /**
   * @param qkv in, [M 3C] of T
   * @param offsets in, [S+1] of int32
   * @param y out, [M C] of T
   * @param lse out, [heads M] of float32
   * @param rows optional, [M] of int32
   * @param step optional, [1] of int32
   */
  attention(
    qkv: NativeTensor,
    offsets: NativeTensor,
    y: NativeTensor,
    lse: NativeTensor,
    heads: number,
    longest: number,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void

  /**
   * @param dy in, [M C] of T
   * @param qkv in, [M 3C] of T
   * @param offsets in, [S+1] of int32
   * @param y in, [M C] of T
   * @param lse in, [heads M] of float32
   * @param dqkv out, [M 3C] of T
   * @param rows optional, [M] of int32
   * @param step optional, [1] of int32
   */
  attentionBackward(
    dy: NativeTensor,
    qkv: NativeTensor,
    offsets: NativeTensor,
    y: NativeTensor,
    lse: NativeTensor,
    dqkv: NativeTensor,
    heads: number,
    longest: number,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void

  /**
   * @param projected in, [M 4C] of T
   * @param offsets in, [S+1] of int32
   * @param weight in, [4C H] of float32
   * @param y out, [M C] of T
   * @param gates optional out, [M 4C] of T
   * @param cells optional out, [M C] of float32
   */
  lstm(
    projected: NativeTensor,
    offsets: NativeTensor,
    weight: NativeTensor,
    y: NativeTensor,
    gates: NativeTensor | null,
    cells: NativeTensor | null,
  ): void

  /**
   * @param dy in, [M C] of T
   * @param offsets in, [S+1] of int32
   * @param weight in, [4C H] of float32
   * @param y in, [M C] of T
   * @param gates in, [M 4C] of T
   * @param cells in, [M C] of float32
   * @param dprojected out, [M 4C] of T
   * @param dweight optional inout, [4C H] of float32
   */
  lstmBackward(
    dy: NativeTensor,
    offsets: NativeTensor,
    weight: NativeTensor,
    y: NativeTensor,
    gates: NativeTensor,
    cells: NativeTensor,
    dprojected: NativeTensor,
    dweight: NativeTensor | null,
  ): void

  /**
   * @param logits in, [M V] of T
   * @param labels in, [M] of int32
   * @param scale in, [1] of float32
   * @param lossScale optional, [1] of float32
   * @param loss inout, [1] of float32
   * @param statistics optional inout, [3] of float32
   * @param dlogits optional out, [M V] of T
   */
  softmaxCrossEntropy(
    logits: NativeTensor,
    labels: NativeTensor,
    scale: NativeTensor,
    lossScale: NativeTensor | null,
    loss: NativeTensor,
    statistics: NativeTensor | null,
    dlogits: NativeTensor | null,
    classes: number,
    smoothing: number,
  ): void

  /**
   * @param x in, [*] of T
   * @param target in, [=x] of float32
   * @param scale in, [1] of float32
   * @param lossScale optional, [1] of float32
   * @param loss inout, [1] of float32
   * @param statistics optional inout, [3] of float32
   * @param dx optional out, [=x] of T
   */
  meanSquaredError(
    x: NativeTensor,
    target: NativeTensor,
    scale: NativeTensor,
    lossScale: NativeTensor | null,
    loss: NativeTensor,
    statistics: NativeTensor | null,
    dx: NativeTensor | null,
  ): void

  /**
   * @param x in, [N] of float32
   * @param total inout, [1] of float32
   */
  sumOfSquares(
    x: NativeTensor,
    total: NativeTensor,
  ): void

  /**
   * @param sumOfSquares inout, [1] of float32
   * @param lossScale inout, [1] of float32
   * @param goodSteps inout, [1] of int32
   * @param skipped inout, [1] of int32
   * @param coefficient out, [1] of float32
   * @param skip out, [1] of int32
   * @param norm out, [1] of float32
   */
  gradientControl(
    sumOfSquares: NativeTensor,
    lossScale: NativeTensor,
    goodSteps: NativeTensor,
    skipped: NativeTensor,
    coefficient: NativeTensor,
    skip: NativeTensor,
    norm: NativeTensor,
    maxNorm: number,
    growthInterval: number,
  ): void

  /**
   * @param parameters inout, [N] of float32
   * @param gradients inout, [N] of float32
   * @param firstMoments inout, [N] of float32
   * @param secondMoments inout, [N] of float32
   * @param decay in, [N/64] of uint8
   * @param learningRate in, [1] of float32
   * @param coefficient in, [1] of float32
   * @param skip in, [1] of int32
   * @param steps inout, [1] of int32
   */
  adamw(
    parameters: NativeTensor,
    gradients: NativeTensor,
    firstMoments: NativeTensor,
    secondMoments: NativeTensor,
    decay: NativeTensor,
    learningRate: NativeTensor,
    coefficient: NativeTensor,
    skip: NativeTensor,
    steps: NativeTensor,
    beta1: number,
    beta2: number,
    epsilon: number,
    weightDecay: number,
  ): void

  /**
   * @param average inout, [N] of float32
   * @param parameters in, [N] of float32
   * @param skip in, [1] of int32
   */
  movingAverage(
    average: NativeTensor,
    parameters: NativeTensor,
    skip: NativeTensor,
    decay: number,
  ): void
}
