import path from 'node:path'
import { createPermutation, type FineTuned, fineTune, linearProbe, readExamples } from '../../lib/index.ts'
import type { Probe, Settings } from './settings.ts'

/** What an encoder reaches on a probe. */
export interface Probed {
  probe: string
  seed: number
  /** The task's metric, after the last epoch if there are several, and that of always saying the commonest class. */
  score: number
  majority: number
  /** Of fine-tuning: how it went. */
  tuned?: Omit<FineTuned, 'task' | 'epochs'> & { epochs: Omit<FineTuned['epochs'][number], 'predictions'>[] }
}

interface Options {
  seed: number
  settings: Settings
  data: string
  /** The encoder's folder. */
  from: string
}

/** How an encoder is judged: as it is, by a linear classifier; or trained on, with all its parameters. */
export const ways = {
  async linear(probe, { from, ...options }): Promise<Probed> {
    const { task } = probe
    const { majority, ...figures } = await linearProbe(task, { from, ...(await rowsOf(probe, options)) })
    return {
      probe: task.name,
      seed: options.seed,
      score: figures[task.metric],
      majority: majority[task.metric],
    }
  },

  async 'fine-tuned'(probe, { from, ...options }): Promise<Probed> {
    const { seed, settings } = options
    const { task, epochs } = probe
    const { task: _, ...tuned } = await fineTune(task, {
      ...settings.fineTuning,
      from,
      ...(await rowsOf(probe, options)),
      epochs,
      seed,
    })
    return {
      probe: task.name,
      seed,
      score: tuned.epochs[epochs - 1][task.metric],
      majority: tuned.majority[task.metric],
      tuned: { ...tuned, epochs: tuned.epochs.map(({ predictions, ...figures }) => figures) },
    }
  },
} satisfies Record<string, (probe: Probe, options: Options) => Promise<Probed>>

export type Way = keyof typeof ways
export const wayNames = Object.keys(ways) as Way[]

/** Which rows an encoder is judged with depends on the seed, not on the encoder: methods are compared on the same. */
async function rowsOf({ task, train, dev, rows }: Probe, { seed, settings, data }: Omit<Options, 'from'>) {
  const all = await readExamples(task, path.join(data, train))
  const place = createPermutation(all.length, seed, 'rows of a probe')
  return {
    train: Array.from({ length: Math.min(rows, all.length) }, (_, index) => all[place(index)]),
    dev: path.join(data, dev),
    maxLength: settings.fineTuning.maxLength,
    precision: settings.plan.precision,
  }
}
