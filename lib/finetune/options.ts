import { EverlearnError } from '../error.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Example } from './read-examples.ts'

/** How a classification is fine-tuned; every choice is in the report. */
export interface FineTuningSettings {
  /** Passes over the training rows, each in an order of its own. */
  epochs: number
  /** Rows in a step. */
  batchSize: number
  /** Peak of Adam's learning rate. */
  learningRate: number
  /** Share of all steps in which the learning rate goes up to its peak; then it goes down to 0 in a straight line. */
  warmup: number
  weightDecay: number
  /** Of hidden values, attention and before the classifier; null: as the model's folder says. */
  dropout: number | null
  /**
   * Whether the layer between the first token and the classifier begins anew: what a sentence task of a short
   * pre-training drove into saturation passes no gradient on.
   */
  newPooler: boolean
  /** Longest input in tokens, special ones included. */
  maxLength: number
  /** Order of the rows, dropout and the classifier's initial values depend on it. */
  seed: number
  /** Of activations; null: bfloat16 where the device is fast at it, else float32. */
  precision: Floating | null
  /** Tokens that go through the encoder at once, unless one input has more. */
  microBatchTokens: number
}

export interface FineTuneOptions extends Partial<FineTuningSettings> {
  /** A model folder in HuggingFace form, or a run: its latest checkpoint. */
  from: string
  /** Labelled rows, or the file that has them. */
  train: string | readonly Example[]
  /** What it is judged on after each epoch. */
  dev: string | readonly Example[]
  /** Called after each step, with the mean loss of its rows. */
  onStep?: (progress: { step: number; steps: number; loss: number }) => void
  /** By default one that is opened for it. */
  device?: Device
}

/** As ERNIE's scripts for GLUE have them, where all tasks agree. */
export const defaultSettings: FineTuningSettings = {
  epochs: 3,
  batchSize: 32,
  learningRate: 3e-5,
  warmup: 0.1,
  weightDecay: 0,
  dropout: null,
  newPooler: false,
  maxLength: 128,
  seed: 1,
  precision: null,
  microBatchTokens: 4096,
}

interface Range {
  least: number
  /** Exclusive where the setting is a share. */
  below?: number
  whole?: boolean
}

const ranges: Record<Exclude<keyof FineTuningSettings, 'precision' | 'newPooler'>, Range> = {
  epochs: { least: 1, whole: true },
  batchSize: { least: 1, whole: true },
  learningRate: { least: Number.MIN_VALUE },
  warmup: { least: 0, below: 1 },
  weightDecay: { least: 0 },
  dropout: { least: 0, below: 1 },
  maxLength: { least: 8, below: 513, whole: true },
  seed: { least: 0, whole: true },
  microBatchTokens: { least: 64, whole: true },
}

/** @throws EverlearnError `OPTION_INVALID` */
export function fineTuningSettings(given: Partial<FineTuningSettings>): FineTuningSettings {
  const keys = Object.keys(defaultSettings) as (keyof FineTuningSettings)[]
  const chosen = Object.fromEntries(keys.map((key) => [key, given[key] ?? defaultSettings[key]]))
  for (const [key, { least, below = Number.POSITIVE_INFINITY, whole = false }] of Object.entries(ranges)) {
    const value = chosen[key]
    if (value === null) continue
    if (
      typeof value === 'number' &&
      value >= least &&
      value < below &&
      (!whole || Number.isSafeInteger(value))
    )
      continue
    throw new EverlearnError(
      'OPTION_INVALID',
      `${key} is ${value}; a ${whole ? 'whole ' : ''}number ${least === Number.MIN_VALUE ? 'above 0' : `of at least ${least}`}` +
        `${below === Number.POSITIVE_INFINITY ? '' : ` and below ${below}`} is wanted`,
    )
  }
  return chosen as unknown as FineTuningSettings
}
