import { confusionOf } from '../metrics/confusion.ts'
import { openDevice } from '../tensor/device.ts'
import { type FineTuningFigures, figuresOf } from './judge-examples.ts'
import { logisticRegression } from './logistic-regression.ts'
import { openEncoder } from './open-encoder.ts'
import { type FineTuneOptions, fineTuningSettings } from './options.ts'
import type { Example } from './read-examples.ts'
import { majorityOf, readRows } from './rows.ts'
import type { FineTuningTask } from './task.ts'
import { combineFeatures, textFeatures } from './text-features.ts'

/** What a classifier learns from an encoder as it is. */
export interface LinearlyProbed extends FineTuningFigures {
  /** The folder that the encoder's values came from. */
  from: string
  rows: { train: number; dev: number }
  /** Class ids, in the order of the rows. */
  predictions: number[]
  majority: FineTuningFigures
}

export type LinearProbeOptions = Pick<
  FineTuneOptions,
  'from' | 'train' | 'dev' | 'maxLength' | 'microBatchTokens' | 'precision' | 'device'
>

/**
 * Judges an encoder without training it: a logistic regression on the mean of its token representations, of each text
 * of a pair by itself, is all that learns. Cheaper than fine-tuning, and says what is in the representations already.
 *
 * @throws EverlearnError as `fineTune`
 */
export async function linearProbe(
  task: FineTuningTask,
  options: LinearProbeOptions,
): Promise<LinearlyProbed> {
  const settings = fineTuningSettings(options)
  const { train, dev } = await readRows(task, options)
  const device = options.device ?? (await openDevice())
  try {
    const { model, wordPiece, folder } = await openEncoder(device, options.from, {
      seed: 0,
      dtype: settings.precision ?? undefined,
    })
    try {
      const width = model.encoder.config.hiddenSize
      const featuresOf = async (rows: readonly Example[]) => {
        const parts: Float32Array[] = []
        for (const part of rows[0].texts.keys()) {
          const texts = rows.map((row) => row.texts[part])
          parts.push(await textFeatures(model, wordPiece, texts, settings))
        }
        return combineFeatures(parts, width)
      }
      const labels = train.map(({ label }) => label)
      const predictions = await logisticRegression(
        device,
        { features: await featuresOf(train), labels },
        await featuresOf(dev),
        task.labels.length,
      )
      const right = dev.map(({ label }) => label)
      return {
        ...figuresOf(confusionOf(right, predictions, task.labels.length)),
        from: folder,
        rows: { train: train.length, dev: dev.length },
        predictions,
        majority: majorityOf(task, train, dev),
      }
    } finally {
      model.dispose()
    }
  } finally {
    if (!options.device) device.close()
  }
}
