import type { Arena } from '../nn/arena.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { createLossScale, type LossScale } from './loss-scale.ts'

export interface AdamWOptions {
  beta1?: number
  beta2?: number
  epsilon?: number
  /** On parameters of rank above one. */
  weightDecay?: number
  /** Norm that the gradient of a step is cut to; 0: not cut. */
  maximumNorm?: number
  /** dtype of the activations: float16 has a dynamic loss scale. Default float32. */
  dtype?: Floating
}

/**
 * AdamW as in torch.optim, over arenas: one pass over each. Defaults are the paper's (β 0.9 and 0.98, decay 0.01) with ε 1e-6
 * and the gradient's norm cut to 1. A step whose gradient is not finite changes nothing but the counters.
 */
export class AdamW {
  readonly device: Device
  readonly options: Required<AdamWOptions>
  readonly lossScale: LossScale
  /** float32 [1]: norm of the last step's gradient, over all its arenas, before it was cut. */
  readonly norm: Tensor<'float32'>
  /** int32 [1]: 1 if the last step was not taken. */
  readonly skip: Tensor<'int32'>
  readonly #coefficient: Tensor<'float32'>
  readonly #sumOfSquares: Tensor<'float32'>
  readonly #learningRate: Tensor<'float32'>

  constructor(device: Device, options: AdamWOptions = {}) {
    this.device = device
    this.options = {
      beta1: 0.9,
      beta2: 0.98,
      epsilon: 1e-6,
      weightDecay: 0.01,
      maximumNorm: 1,
      dtype: 'float32',
      ...options,
    }
    this.lossScale = createLossScale(device, this.options.dtype)
    const scalar = <D extends 'float32' | 'int32'>(dtype: D) =>
      device.unscoped(() => device.zeros([1], dtype))
    this.norm = scalar('float32')
    this.skip = scalar('int32')
    this.#coefficient = scalar('float32')
    this.#sumOfSquares = scalar('float32')
    this.#learningRate = scalar('float32')
  }

  /**
   * Takes one step with the gradients added up in these arenas since their last step, and sets them to 0. Arenas that are
   * not given (those without a loss in the step) do not change and do not count for the norm.
   */
  step(arenas: readonly Arena[], learningRate: number): void {
    this.setLearningRate(learningRate)
    this.update(arenas)
  }

  setLearningRate(learningRate: number): void {
    this.device.write(this.#learningRate, [learningRate])
  }

  /** A step at the learning rate that was set last: nothing in it depends on the host, so that it can be recorded. */
  update(arenas: readonly Arena[]): void {
    const { device, lossScale, options } = this
    for (const arena of arenas) device.run('sumOfSquares', arena.gradients, this.#sumOfSquares)
    device.run(
      'gradientControl',
      this.#sumOfSquares,
      lossScale.value,
      lossScale.goodSteps,
      lossScale.skipped,
      this.#coefficient,
      this.skip,
      this.norm,
      options.maximumNorm,
      lossScale.growthInterval,
    )
    for (const arena of arenas)
      device.run(
        'adamw',
        arena.parameters,
        arena.gradients,
        arena.firstMoments,
        arena.secondMoments,
        arena.decay,
        this.#learningRate,
        this.#coefficient,
        this.skip,
        arena.steps,
        options.beta1,
        options.beta2,
        options.epsilon,
        options.weightDecay,
      )
  }

  dispose(): void {
    this.lossScale.dispose()
    const own = [this.norm, this.skip, this.#coefficient, this.#sumOfSquares, this.#learningRate]
    for (const tensor of own) tensor.dispose()
  }
}
