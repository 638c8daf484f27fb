import { EverlearnError } from '../error.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import { AdamW } from '../optim/adamw.ts'
import type { Floating } from '../tensor/dtype.ts'
import { createStepInputs } from '../train/step-inputs.ts'
import { trainMicroBatch } from '../train/train-micro-batch.ts'
import type { EncodedExample } from './encode-example.ts'
import { packExamples } from './pack-examples.ts'

/** Steps in a row whose gradients may be Inf or NaN. */
const maxSkipped = 20

/** Takes the steps of a fine-tuning. */
export interface Stepper extends Disposable {
  /** Queues forward, backward and optimiser on some rows; `loss` is the mean of theirs, once it has run. */
  step(rows: readonly EncodedExample[], learningRate: number): Promise<{ loss: Promise<number> }>
}

/** @param task name of the head that is trained, with the encoder */
export function createStepper(
  model: MultiTaskModel,
  task: string,
  options: { seed: number; weightDecay: number; microBatchTokens: number; precision: Floating },
): Stepper {
  const { device } = model.encoder
  const { seed, weightDecay, microBatchTokens, precision } = options
  const optimizer = new AdamW(device, { beta2: 0.999, epsilon: 1e-8, weightDecay, dtype: precision })
  const inputs = createStepInputs(device, [task])
  const randomness = inputs.randomness(seed)
  const lossScale = optimizer.lossScale.growthInterval > 0 ? optimizer.lossScale.value : null
  let step = 0
  let skippedInARow = 0

  const readLoss = async (step: number, rows: number) => {
    const [[loss], [skip]] = await Promise.all([inputs.allStatistics.read(), optimizer.skip.read()])
    skippedInARow = skip === 0 ? 0 : skippedInARow + 1
    if (skippedInARow === maxSkipped) {
      throw new EverlearnError(
        'TRAINING_DIVERGED',
        `the gradients of ${maxSkipped} steps in a row, up to step ${step}, were not finite; lower the learning rate`,
      )
    }
    return loss / rows
  }

  return {
    async step(rows, learningRate) {
      device.write(inputs.step, Int32Array.of(step++))
      device.write(inputs.scales[task], [1 / rows.length])
      device.write(inputs.allStatistics, new Float32Array(inputs.allStatistics.size))
      for (const batch of packExamples(rows, task, microBatchTokens)) {
        await device.ready()
        trainMicroBatch(model, batch, inputs, { randomness, lossScale })
      }
      optimizer.step(model.arenas([task]), learningRate)
      const loss = readLoss(step, rows.length)
      // Whoever awaits it hears of a failure; until then it is not unhandled.
      loss.catch(() => {})
      return { loss }
    },
    [Symbol.dispose]() {
      inputs.dispose()
      optimizer.dispose()
    },
  }
}
