import path from 'node:path'
import { createPermutation, type FineTuned, fineTune, readExamples } from '../../lib/index.ts'
import type { Probe, Settings } from './settings.ts'

/** What an encoder reaches on a probe. */
export interface Probed {
  probe: string
  seed: number
  /** The task's metric after the last epoch, and that of always saying the commonest class. */
  score: number
  majority: number
  tuned: Omit<FineTuned, 'task' | 'epochs'> & { epochs: Omit<FineTuned['epochs'][number], 'predictions'>[] }
}

/**
 * Fine-tunes an encoder on a probe. Which rows it is trained on depends on the seed, not on the encoder: methods are
 * compared on the same rows.
 *
 * @param from the encoder's folder
 */
export async function probeEncoder(
  { task, train, dev, rows, epochs }: Probe,
  { seed, settings, data, from }: { seed: number; settings: Settings; data: string; from: string },
): Promise<Probed> {
  const all = await readExamples(task, path.join(data, train))
  const place = createPermutation(all.length, seed, 'rows of a probe')
  const { task: _, ...tuned } = await fineTune(task, {
    from,
    train: Array.from({ length: Math.min(rows, all.length) }, (_, index) => all[place(index)]),
    dev: path.join(data, dev),
    ...settings.fineTuning,
    epochs,
    seed,
    precision: settings.plan.precision,
  })
  return {
    probe: task.name,
    seed,
    score: tuned.epochs[epochs - 1][task.metric],
    majority: tuned.majority[task.metric],
    tuned: { ...tuned, epochs: tuned.epochs.map(({ predictions, ...figures }) => figures) },
  }
}
