import path from 'node:path'
import type { Plan } from '../../lib/train/plan.ts'
import { type OpenRun, pretrain } from '../../lib/train/pretrain.ts'
import type { Outcome } from '../../lib/train/trainer.ts'
import { filesBelow, tinyRunPlan } from './tiny-run.ts'

/** Opens a run of the tiny plan in a folder with its corpus. */
export const begin = (folder: string, name: string, changes: Partial<Plan> = {}) =>
  pretrain(tinyRunPlan(folder, changes), path.join(folder, name))

/** Trains until the run ends or is stopped. */
export async function train(run: OpenRun): Promise<Outcome> {
  try {
    return await run.trainer.run()
  } finally {
    run.close()
  }
}

/** What is compared of a run: everything that holds no time. */
export function resultsOf(run: string): Record<string, Buffer> {
  const { 'log.jsonl': _log, 'plan.json': _plan, ...files } = filesBelow(run)
  return files
}
