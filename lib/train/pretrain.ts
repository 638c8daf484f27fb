import path from 'node:path'
import { type Device, openDevice } from '../tensor/device.ts'
import { findCheckpoint, returnToCheckpoint } from './checkpoint/checkpoint.ts'
import { loadSession } from './checkpoint/save.ts'
import { readState, refuseChanges, type StoredState } from './checkpoint/state.ts'
import { jsonText, writeDurably } from './durable.ts'
import { samplePredictions } from './evaluation/sample-predictions.ts'
import { logTo, trimLog } from './log.ts'
import { createRun, openRun, type RunDirectory, refuseExisting } from './run-directory.ts'
import type { RunPlan } from './run-plan.ts'
import { beginSession, type Session, sessionOfCheckpoint } from './session.ts'
import { openSetup, type RunSetup, type SetupOptions } from './setup.ts'
import { tensorBoardTo } from './tensorboard.ts'
import { ContinualTrainer } from './trainer.ts'

/** A trainer and all that it holds: memory, files, the lock of its folder. */
export interface OpenRun {
  trainer: ContinualTrainer
  /** What is not as it was when the checkpoint was written, in words: results may differ in their last bits. */
  differences: string[]
  close(): void
}

/**
 * Begins a run: `await run.trainer.run()` trains it. Nothing is written before everything has been checked.
 *
 * @param out folder to make
 * @param options.verify when to read the corpora through: by default large ones while training goes on, which ends
 * before its first checkpoint where one is not as it was written
 * @throws EverlearnError what is wrong with plan, corpora, tasks or the folder
 */
export async function pretrain(
  plan: RunPlan,
  out: string,
  { verify }: Pick<SetupOptions, 'verify'> = {},
): Promise<OpenRun> {
  refuseExisting(out)
  return opening(async (holds) => {
    const device = holds(await openDevice(plan.device))
    const { fastBfloat16 } = device.info()
    const full = { ...plan, precision: plan.precision ?? (fastBfloat16 ? 'bfloat16' : 'float32') } as const
    const setup = holds(await openSetup(full, { verify }))
    const session = holds(beginSession(device, setup))
    const run = holds(await createRun(out, full))
    return { trainer: attach(session, run), differences: [] }
  })
}

/**
 * Opens a run to go on from one of its checkpoints, or from the beginning where it has none yet. What follows is to the
 * bit what would have followed without the interruption.
 *
 * @param options.checkpoint name of the checkpoint, by default the latest
 * @param options.workers threads that assemble batches, instead of the plan's number
 * @param options.device where it runs, instead of where the plan says
 * @throws EverlearnError what is wrong with the folder, or has changed
 */
export async function resume(
  directory: string,
  options: { checkpoint?: string; workers?: number; device?: string } & Pick<SetupOptions, 'verify'> = {},
): Promise<OpenRun> {
  return opening(async (holds) => {
    const run = holds(await openRun(directory))
    const device = holds(await openDevice(options.device ?? run.plan.device))
    const { workers = run.plan.workers } = options
    const plan = { ...run.plan, workers }
    const checkpoint = await findCheckpoint(directory, options.checkpoint)
    const stored = checkpoint === null ? null : readState(checkpoint)
    const setup = holds(await openSetup(plan, { meanLengths: stored?.meanLengths, verify: options.verify }))
    if (!checkpoint || !stored) {
      await trimLog(directory, -1)
      return { trainer: attach(holds(beginSession(device, setup)), run), differences: [] }
    }
    refuseChanges(directory, stored.fingerprints, setup.fingerprints)
    const session = holds(sessionOfCheckpoint(device, setup, checkpoint, stored))
    loadSession(session, checkpoint, stored)
    await returnToCheckpoint(directory, checkpoint, stored.best?.checkpoint ?? null)
    await trimLog(directory, stored.step, stored.evaluatedAt)
    return { trainer: attach(session, run), differences: differencesOf(stored, device) }
  })
}

/** Everything that `open` holds is given back in the opposite order: at once when it fails, else by `close`. */
async function opening(
  open: (
    holds: <T extends Device | RunSetup | Session | RunDirectory>(held: T) => T,
  ) => Promise<Omit<OpenRun, 'close'>>,
): Promise<OpenRun> {
  const held: { close(): void }[] = []
  const close = () => {
    while (held.length > 0) held.pop()?.close()
  }
  try {
    const opened = await open((each) => {
      held.push(each)
      return each
    })
    return { ...opened, close }
  } catch (error) {
    close()
    throw error
  }
}

function attach(session: Session, run: RunDirectory): ContinualTrainer {
  const trainer = new ContinualTrainer(session, run.path)
  const { every, tensorboard } = run.plan.log
  logTo(run.path, trainer.events, every)
  if (tensorboard) tensorBoardTo(run.path, trainer.events, every)
  samplePredictions(session, run.path, trainer.events)
  trainer.events.on('checkpoint', async () => {
    const { evaluations } = session.state
    if (evaluations.length > 0)
      await writeDurably(path.join(run.path, 'evaluation.json'), jsonText(evaluations))
  })
  return trainer
}

function differencesOf({ isa, versions }: StoredState, device: Device): string[] {
  const now = { ...device.info(), node: process.version }
  const pairs: [string, string, string][] = [
    ['instruction set level', isa, now.isa],
    ['products of matrices', versions.gemm, now.gemm],
    ['Node', versions.node, now.node],
  ]
  return pairs
    .filter(([, before, after]) => before !== after)
    .map(([what, before, after]) => `${what}: ${before} before, ${after} now`)
}
