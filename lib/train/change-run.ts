import path from 'node:path'
import { EverlearnError } from '../error.ts'
import { findCheckpoint } from './checkpoint/checkpoint.ts'
import { readState, refuseChanges, type StoredState } from './checkpoint/state.ts'
import { jsonText, writeDurably } from './durable.ts'
import type { Plan } from './plan.ts'
import { openRun, planFile } from './run-directory.ts'
import { checkPlan, type RunPlan } from './run-plan.ts'
import type { Stage } from './schedule/schedule.ts'
import { openSetup, type RunSetup } from './setup.ts'

/** A task that is to be added to a run. Relative paths start from the working directory. */
export interface NewTask {
  /** As an entry of a plan's tasks. */
  task: Plan['tasks'][number]
  /** Of the new task; each earlier one gets this / (K + 2), with K earlier ones. */
  iterations: number
  /** By name, besides those that the run has; they serve all tasks that can use them. */
  corpora?: Plan['corpora']
  heldOut?: Plan['heldOut']
}

/**
 * Appends a stage with one more task to a run that has ended or was stopped: `resume` trains it, from what was learned so
 * far. Nothing but RUN/plan.json is written.
 *
 * @returns the budgets of the new stage, and its number from 1
 * @throws EverlearnError `TASK_TWICE`, and what is wrong with the run, the task or the corpora
 */
export async function addTask(
  directory: string,
  { task, iterations, corpora = {}, heldOut = {} }: NewTask,
): Promise<{ stage: number; budgets: Stage }> {
  return changing(directory, async (plan, stored) => {
    const change = { add: task, corpora, heldOut, iterations }
    const changed = checkPlan({ ...plan, changes: [...plan.changes, change] }, process.cwd(), directory)
    for (const key of ['corpora', 'heldOut'] as const) refuseTwice(changed, key)
    const setup = await openSetup(changed, { meanLengths: stored?.meanLengths })
    try {
      if (stored) refuseChanges(directory, stored.fingerprints, setup.fingerprints)
      const { table } = setup.stages
      return { changed, result: { stage: table.length, budgets: table[table.length - 1] } }
    } finally {
      setup.close()
    }
  })
}

/**
 * Gives a task of a run no more iterations, from its latest checkpoint on; its head stays in the checkpoints and is still
 * evaluated.
 *
 * @returns the step after which it is trained no more
 * @throws EverlearnError `TASK_UNKNOWN`, `TASK_RETIRED`, `SCHEDULE_INVALID` where it is the last one
 */
export async function retireTask(directory: string, task: string): Promise<number> {
  return changing(directory, async (plan, stored) => {
    const step = stored?.step ?? 0
    const changed: RunPlan = { ...plan, changes: [...plan.changes, { retire: task, step }] }
    const setup = await openSetup(changed, { meanLengths: stored?.meanLengths })
    try {
      checkRetired(setup, plan, task)
      return { changed, result: step }
    } finally {
      setup.close()
    }
  })
}

/** Changes RUN/plan.json while no other process trains the run. */
async function changing<T>(
  directory: string,
  change: (plan: RunPlan, stored: StoredState | null) => Promise<{ changed: RunPlan; result: T }>,
): Promise<T> {
  const run = await openRun(directory)
  try {
    const checkpoint = await findCheckpoint(directory)
    const { changed, result } = await change(run.plan, checkpoint === null ? null : readState(checkpoint))
    await writeDurably(path.join(directory, planFile), jsonText(changed))
    return result
  } finally {
    run.close()
  }
}

function refuseTwice({ changes, ...plan }: RunPlan, key: 'corpora' | 'heldOut'): void {
  const names = [plan, ...changes.filter((change) => 'add' in change)].flatMap((part) =>
    Object.keys(part[key]),
  )
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice === undefined) return
  throw new EverlearnError(
    'CORPUS_TWICE',
    `the run has a ${key === 'corpora' ? 'corpus' : 'held-out corpus'} called ${twice} already; give the new one another name`,
  )
}

function checkRetired({ stages, kinds }: RunSetup, before: RunPlan, task: string): void {
  const earlier = before.changes.some((change) => 'retire' in change && change.retire === task)
  if (earlier) {
    throw new EverlearnError('TASK_RETIRED', `${task} was retired before; nothing is left to do`)
  }
  const retired = new Set(stages.retired.map((cut) => cut.task))
  if (Object.keys(kinds).every((name) => retired.has(name))) {
    throw new EverlearnError(
      'SCHEDULE_INVALID',
      `${task} is the last task that is trained; add another one first (everlearn add-task)`,
    )
  }
}
