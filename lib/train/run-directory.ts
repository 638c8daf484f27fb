import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { EverlearnError } from '../error.ts'
import { latestCheckpoint, stageEndedBy } from './checkpoint/checkpoint.ts'
import { jsonText, removeLitter, sync, writeDurably } from './durable.ts'
import { readPlan } from './plan-file.ts'
import { lockRun, unlockRun } from './run-lock.ts'
import type { RunPlan } from './run-plan.ts'
import { stageCount } from './schedule/run-stages.ts'

/** A run's folder, held by this process: docs/checkpoints.md lists what is in it. */
export interface RunDirectory {
  path: string
  plan: RunPlan
  /** Gives the folder up. */
  close(): void
}

export const planFile = 'plan.json'

/** @throws EverlearnError `RUN_EXISTS` */
export function refuseExisting(directory: string): void {
  if (!isThere(directory) || isUnfinished(directory)) return
  const advice = existsSync(path.join(directory, planFile))
    ? `continue it with \`everlearn resume ${directory}\` or choose another --out`
    : 'it is no run, so choose another --out'
  throw new EverlearnError('RUN_EXISTS', `${directory} exists; ${advice}`)
}

/** Below a file there is nothing, which lstat takes for an error. */
function isThere(directory: string): boolean {
  try {
    return lstatSync(directory, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false
    throw error
  }
}

/** Whether a process was killed in {@link createRun}: nothing but its lock and what it was writing is there. */
function isUnfinished(directory: string): boolean {
  const names = lstatSync(directory).isDirectory() ? readdirSync(directory) : []
  return names.length > 0 && names.every((name) => name === '.lock' || name.startsWith('.tmp-'))
}

/**
 * Makes the folder of a new run, with its plan in it.
 *
 * @throws EverlearnError `RUN_EXISTS`, `RUN_LOCKED`, `RUN_NOT_WRITTEN`
 */
export async function createRun(directory: string, plan: RunPlan): Promise<RunDirectory> {
  refuseExisting(directory)
  try {
    mkdirSync(directory, { recursive: true })
    lockRun(directory)
    await writeDurably(path.join(directory, planFile), jsonText(plan))
    await sync(path.dirname(path.resolve(directory)))
    await removeLitter(directory)
  } catch (cause) {
    if (cause instanceof EverlearnError) throw cause
    throw new EverlearnError(
      'RUN_NOT_WRITTEN',
      `cannot write to ${directory}: ${(cause as Error).message}; choose another --out`,
      { cause },
    )
  }
  return { path: directory, plan, close: () => unlockRun(directory) }
}

/**
 * Opens the folder of a run to go on in it.
 *
 * @throws EverlearnError `RUN_UNKNOWN`, `RUN_LOCKED`, `PLAN_INVALID`
 */
export async function openRun(directory: string): Promise<RunDirectory> {
  if (!existsSync(path.join(directory, planFile))) {
    throw new EverlearnError(
      'RUN_UNKNOWN',
      `${directory} is no run (it has no ${planFile}); give the folder named by pretrain's --out`,
    )
  }
  lockRun(directory)
  try {
    await removeLitter(directory)
    const checkpoints = path.join(directory, 'checkpoints')
    if (existsSync(checkpoints)) await removeLitter(checkpoints)
    return {
      path: directory,
      plan: await readPlan(path.join(directory, planFile)),
      close: () => unlockRun(directory),
    }
  } catch (error) {
    unlockRun(directory)
    throw error
  }
}

/** Whether a folder is a run that came to the end of its plan. */
export async function isFinished(directory: string): Promise<boolean> {
  const latest = latestCheckpoint(directory)
  if (latest === null) return false
  const plan = await readPlan(path.join(directory, planFile))
  return stageEndedBy(latest) === stageCount(plan)
}
