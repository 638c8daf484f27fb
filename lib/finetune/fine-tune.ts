import { createPermutation } from '../data/permutation.ts'
import { EverlearnError } from '../error.ts'
import { linearDecay } from '../optim/schedules.ts'
import { type Device, openDevice } from '../tensor/device.ts'
import { encodeExample } from './encode-example.ts'
import { type FineTuningEpoch, type FineTuningFigures, judgeExamples } from './judge-examples.ts'
import { openEncoder } from './open-encoder.ts'
import { type FineTuneOptions, type FineTuningSettings, fineTuningSettings } from './options.ts'
import type { Example } from './read-examples.ts'
import { majorityOf, readRows, type TaskRows } from './rows.ts'
import { createStepper } from './stepper.ts'
import type { FineTuningTask } from './task.ts'

/** What came of fine-tuning. */
export interface FineTuned {
  task: FineTuningTask
  /** The folder that the encoder's values came from. */
  from: string
  settings: FineTuningSettings
  rows: { train: number; dev: number }
  steps: number
  /** Real tokens trained on. */
  tokens: number
  /** After each epoch, on the rows it is judged on; the task's `metric` is the figure that counts. */
  epochs: FineTuningEpoch[]
  /** Of always saying the class that is commonest among the training rows. */
  majority: FineTuningFigures
}

/**
 * Fine-tunes an encoder and a new classifier on its first token to tell classes of texts apart, all parameters
 * together: Adam (β 0.9 and 0.999), a learning rate that goes up and down in straight lines, the gradient's norm cut to
 * 1. The same options give the same figures to the bit on the same machine.
 *
 * @throws EverlearnError `OPTION_INVALID`, `CLASSES_MISSING`, `TRAINING_DIVERGED`, and what {@link readExamples} and
 * {@link openEncoder} throw
 */
export async function fineTune(task: FineTuningTask, options: FineTuneOptions): Promise<FineTuned> {
  const settings = fineTuningSettings(options)
  const { train, dev } = await readRows(task, options)
  const device = options.device ?? (await openDevice())
  try {
    return await fineTuneOn(device, task, { ...options, train, dev }, settings)
  } finally {
    if (!options.device) device.close()
  }
}

async function fineTuneOn(
  device: Device,
  task: FineTuningTask,
  { from, train, dev, onStep }: FineTuneOptions & TaskRows,
  settings: FineTuningSettings,
): Promise<FineTuned> {
  const { epochs, batchSize, learningRate, warmup, newPooler, maxLength, seed, microBatchTokens } = settings
  const precision = settings.precision ?? (device.info().fastBfloat16 ? 'bfloat16' : 'float32')
  const dropout = settings.dropout ?? undefined
  const { model, wordPiece, folder } = await openEncoder(device, from, {
    seed,
    dtype: precision,
    dropout,
    newPooler,
  })
  try {
    const { positions } = model.encoder.config
    if (maxLength > positions) {
      throw new EverlearnError(
        'OPTION_INVALID',
        `maxLength is ${maxLength}, but ${folder} has ${positions} positions; lower maxLength`,
      )
    }
    model.addHead(task.name, { kind: 'sentence-classification', classes: task.labels.length })
    const encode = (example: Example) => encodeExample(example, wordPiece, maxLength)
    const [training, judging] = [train.map(encode), dev.map(encode)]
    const stepsPerEpoch = Math.ceil(training.length / batchSize)
    const steps = epochs * stepsPerEpoch
    const rate = linearDecay({ peak: learningRate, warmup: Math.floor(warmup * steps), total: steps + 1 })
    using stepper = createStepper(model, task.name, { ...settings, precision })
    const judged: FineTuningEpoch[] = []
    let tokens = 0
    // A step's loss is awaited when the next one is queued, so that the device has something to do meanwhile.
    let observe: (() => Promise<void>) | null = null
    for (let epoch = 0; epoch < epochs; epoch++) {
      const place = createPermutation(training.length, seed, `fine-tuning ${task.name}`, epoch)
      for (let first = 0; first < training.length; first += batchSize) {
        const length = Math.min(batchSize, training.length - first)
        const rows = Array.from({ length }, (_, index) => training[place(first + index)])
        const step = epoch * stepsPerEpoch + first / batchSize + 1
        const { loss: pending } = await stepper.step(rows, rate(step))
        tokens += rows.reduce((sum, { ids }) => sum + ids.length, 0)
        await observe?.()
        observe = async () => {
          const loss = await pending
          onStep?.({ step, steps, loss })
        }
      }
      await observe?.()
      observe = null
      judged.push(await judgeExamples(model, task, judging, microBatchTokens))
    }
    return {
      task,
      from: folder,
      settings: { ...settings, precision },
      rows: { train: train.length, dev: dev.length },
      steps,
      tokens,
      epochs: judged,
      majority: majorityOf(task, train, dev),
    }
  } finally {
    model.dispose()
  }
}
