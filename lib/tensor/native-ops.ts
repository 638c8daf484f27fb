import type { NativeTensor } from './native.ts'

export interface NativeOps {
  fill(y: NativeTensor, value: number): void
  copy(x: NativeTensor, y: NativeTensor): void
  add(a: NativeTensor, b: NativeTensor, y: NativeTensor): void
  mul(a: NativeTensor, b: NativeTensor, y: NativeTensor): void
  scale(x: NativeTensor, by: NativeTensor | null, y: NativeTensor, factor: number): void
  sum(x: NativeTensor, total: NativeTensor, accumulate: boolean): void
  randomFill(
    y: NativeTensor,
    distribution: 'uniform' | 'normal' | 'truncated_normal',
    a: number,
    b: number,
    seed: number,
    site: number,
  ): void
  dropout(
    x: NativeTensor,
    y: NativeTensor,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void
  gatherRows(x: NativeTensor, index: NativeTensor, y: NativeTensor): void
  scatterRows(x: NativeTensor, index: NativeTensor, y: NativeTensor, accumulate: boolean): void
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
  biasActivation(
    x: NativeTensor,
    bias: NativeTensor | null,
    y: NativeTensor,
    activation: 'none' | 'gelu' | 'gelu_tanh' | 'relu' | 'tanh',
  ): void
  biasActivationBackward(
    dy: NativeTensor,
    x: NativeTensor | null,
    bias: NativeTensor | null,
    dx: NativeTensor | null,
    dbias: NativeTensor | null,
    activation: 'none' | 'gelu' | 'gelu_tanh' | 'relu' | 'tanh',
  ): void
  linear(x: NativeTensor, weight: NativeTensor, bias: NativeTensor | null, y: NativeTensor): void
  linearBackward(
    dy: NativeTensor,
    x: NativeTensor,
    weight: NativeTensor,
    dx: NativeTensor | null,
    dweight: NativeTensor | null,
    dbias: NativeTensor | null,
    accumulate: boolean,
  ): void
  attention(
    qkv: NativeTensor,
    offsets: NativeTensor,
    y: NativeTensor,
    lse: NativeTensor,
    heads: number,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void
  attentionBackward(
    dy: NativeTensor,
    qkv: NativeTensor,
    offsets: NativeTensor,
    y: NativeTensor,
    lse: NativeTensor,
    dqkv: NativeTensor,
    heads: number,
    rows: NativeTensor | null,
    step: NativeTensor | null,
    seed: number,
    site: number,
    probability: number,
  ): void
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
  meanSquaredError(
    x: NativeTensor,
    target: NativeTensor,
    scale: NativeTensor,
    lossScale: NativeTensor | null,
    loss: NativeTensor,
    statistics: NativeTensor | null,
    dx: NativeTensor | null,
  ): void
  sumOfSquares(x: NativeTensor, total: NativeTensor): void
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
}
