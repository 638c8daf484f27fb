import { existsSync } from 'node:fs'
import path from 'node:path'
import { EverlearnError } from '../../error.ts'
import { loadModelTensors } from '../../interop/model-tensors.ts'
import { readSafetensors } from '../../interop/read-safetensors.ts'
import { openDevice } from '../../tensor/device.ts'
import { checkpointPath, findCheckpoint, latestCheckpoint, stageEndedBy } from '../checkpoint/checkpoint.ts'
import { averageFile, modelFile } from '../checkpoint/save.ts'
import { readState, refuseChanges, type StoredState } from '../checkpoint/state.ts'
import { readPlan } from '../plan-file.ts'
import { planFile } from '../run-directory.ts'
import type { RunPlan } from '../run-plan.ts'
import { sessionOfCheckpoint } from '../session.ts'
import { openSetup } from '../setup.ts'
import { createEvaluate } from './evaluate.ts'
import type { Evaluation } from './evaluation.ts'

/** What a checkpoint of a run is worth on held-out text. */
export interface EvaluatedRun {
  run: string
  /** Its name. */
  checkpoint: string
  /** Steps done. */
  step: number
  /** From 1: the stage that the checkpoint ends or lies in. */
  stage: number
  /** The average of the weights, where the run keeps one. */
  averaged: boolean
  /** Every task that has a head, on every held-out corpus that serves it. */
  evaluations: Evaluation[]
}

export interface EvaluateRunOptions {
  /** Name of the checkpoint, by default the latest. */
  checkpoint?: string
  /** Sequences for each task and corpus, instead of the plan's number. */
  sequences?: number
  /** Where it runs, instead of where the plan says: `cpu`, `cuda` or `cuda:N`. */
  device?: string
}

/** How often another latest checkpoint is taken where a trainer removed the one that was being read. */
const attempts = 3

/**
 * Judges a checkpoint on the run's held-out text, as training does at the end of a stage. Writes nothing and takes no
 * lock: a trainer may be at work in the same folder.
 *
 * @throws EverlearnError `RUN_UNKNOWN`, `RUN_EMPTY`, `HELD_OUT_MISSING`, `OPTION_INVALID`, `CHECKPOINT_UNKNOWN`,
 * `CHECKPOINT_CORRUPT`, and what has changed under the run
 */
export async function evaluateRun(
  directory: string,
  { checkpoint, sequences, device }: EvaluateRunOptions = {},
): Promise<EvaluatedRun> {
  if (sequences !== undefined && !(Number.isSafeInteger(sequences) && sequences > 0)) {
    throw new EverlearnError('OPTION_INVALID', `sequences is ${sequences}; a whole number above 0 is wanted`)
  }
  const file = path.join(directory, planFile)
  if (!existsSync(file)) {
    throw new EverlearnError(
      'RUN_UNKNOWN',
      `${directory} is no run (it has no ${planFile}); give the folder named by pretrain's --out`,
    )
  }
  const plan = await readPlan(file)
  if (Object.keys(plan.heldOut).length === 0) {
    throw new EverlearnError(
      'HELD_OUT_MISSING',
      `${directory} has no held-out text to judge on; make some with \`everlearn prepare --held-out\` and name it in ` +
        'heldOut of the plan',
    )
  }
  for (let attempt = 1; ; attempt++) {
    const name = checkpoint ?? latestCheckpoint(directory)
    if (name === null) {
      throw new EverlearnError('RUN_EMPTY', `${directory} has no checkpoint yet; wait for the first`)
    }
    const known = existsSync(checkpointPath(directory, name))
    try {
      const folder = (await findCheckpoint(directory, name)) as string
      return await evaluateCheckpoint(
        directory,
        folder,
        { ...plan, device: device ?? plan.device },
        sequences,
      )
    } catch (error) {
      const removed = known && !existsSync(checkpointPath(directory, name))
      if (!removed && (known || checkpoint !== undefined)) throw error
      if (checkpoint === undefined && attempt < attempts) continue
      throw new EverlearnError(
        'CHECKPOINT_UNKNOWN',
        `${checkpointPath(directory, name)} was removed while it was read, to make room for newer ones; try again, or ` +
          'judge a copy of the run',
        { cause: error },
      )
    }
  }
}

async function evaluateCheckpoint(
  directory: string,
  folder: string,
  plan: RunPlan,
  sequences = plan.evaluate.sequences,
): Promise<EvaluatedRun> {
  const stored = readState(folder)
  const device = await openDevice(plan.device)
  const held: { close(): void }[] = [device]
  try {
    const setup = await openSetup(plan, { meanLengths: stored.meanLengths })
    held.push(setup)
    refuseChanges(directory, stored.fingerprints, setup.fingerprints)
    const session = sessionOfCheckpoint(device, setup, folder, stored)
    held.push(session)
    const averaged = existsSync(path.join(folder, averageFile))
    const weights = path.join(folder, averaged ? averageFile : modelFile)
    loadModelTensors(session.model, readSafetensors(weights), weights)
    const evaluate = createEvaluate(device, session.model, {
      ...setup,
      plan: { ...plan, evaluate: { ...plan.evaluate, sequences } },
    })
    const checkpoint = path.basename(folder)
    const stage = stageOf(checkpoint, stored)
    // Nobody stops it.
    const evaluations = (await evaluate({ stage, step: stored.step }, () => false))!
    await setup.verification.done
    return { run: directory, checkpoint, step: stored.step, stage, averaged, evaluations }
  } finally {
    while (held.length > 0) held.pop()?.close()
  }
}

/** A checkpoint inside a stage lies in the one after those that are done. */
const stageOf = (checkpoint: string, { finishedStages }: StoredState): number =>
  stageEndedBy(checkpoint) ?? finishedStages + 1
