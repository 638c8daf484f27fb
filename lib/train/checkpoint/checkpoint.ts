import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { EverlearnError } from '../../error.ts'
import { asideName, sync, writeDurably } from '../durable.ts'
import { CheckpointFiles } from './checkpoint-files.ts'
import { manifestOf, verifyManifest } from './manifest.ts'

/**
 * Checkpoints of a run: `RUN/checkpoints/step-00001000/`, `…/step-00001600-stage-1/` at the end of a stage,
 * `…/step-00001000-batch-5/` when the next step was stopped after its fifth micro-batch; `RUN/latest`, which holds the name
 * of the newest, and `RUN/best`, where the plan asks for it.
 */
const folder = 'checkpoints'
const pointer = 'latest'
const bestPointer = 'best'
const pattern = /^step-(\d{8,})(?:-stage-(\d+)|-batch-(\d+))?$/

/**
 * @param place which stage ends with it, from 1, or how many micro-batches of the next step are done; nothing inside a
 * stage
 */
export function checkpointName(step: number, { stage = 0, microBatches = 0 } = {}): string {
  const name = `step-${String(step).padStart(8, '0')}`
  if (stage > 0) return `${name}-stage-${stage}`
  return microBatches > 0 ? `${name}-batch-${microBatches}` : name
}

export const checkpointPath = (run: string, name: string): string => path.join(run, folder, name)

/** Names of a run's checkpoints, oldest first. */
export function checkpointNames(run: string): string[] {
  const directory = path.join(run, folder)
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((name) => pattern.test(name))
    .sort((a, b) => {
      const [stepA, stageA, batchA] = placeOf(a)
      const [stepB, stageB, batchB] = placeOf(b)
      return stepA - stepB || batchA - batchB || stageA - stageB
    })
}

function placeOf(name: string): [step: number, stage: number, microBatches: number] {
  const [, step, stage = 0, microBatches = 0] = pattern.exec(name) as RegExpExecArray
  return [Number(step), Number(stage), Number(microBatches)]
}

/** Name of the newest checkpoint, null when there is none yet. */
export function latestCheckpoint(run: string): string | null {
  let name: string
  try {
    name = readFileSync(path.join(run, pointer), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  if (pattern.test(name)) return name
  throw new EverlearnError(
    'CHECKPOINT_CORRUPT',
    `${path.join(run, pointer)} should hold the name of a checkpoint; resume with --checkpoint (${checkpointNames(run).join(', ')})`,
  )
}

/** The stage that a checkpoint ends, from 1; null when it lies inside a stage. */
export function stageEndedBy(name: string): number | null {
  const stage = pattern.exec(name)?.[2]
  return stage === undefined ? null : Number(stage)
}

/**
 * Makes a checkpoint durable: `fill` writes its files into a directory aside, which gets a manifest, goes to the disk
 * and is renamed; then `latest` is moved to it, `best` to the one that is best, and all others but the newest `keep` are
 * removed. At every instant `latest` and `best` name a complete checkpoint.
 */
export async function writeCheckpoint(
  run: string,
  name: string,
  { keep, best }: { keep: number; best: string | null },
  fill: (files: CheckpointFiles) => Promise<void>,
): Promise<string> {
  const parent = path.join(run, folder)
  const target = path.join(parent, name)
  if (latestCheckpoint(run) === name) {
    await pointToBest(run, best)
    return target
  }
  const directory = asideName(parent, name)
  const files = new CheckpointFiles(directory)
  try {
    await mkdir(directory, { recursive: true })
    try {
      await fill(files)
    } finally {
      await files.synced()
    }
    await writeFile(path.join(directory, 'manifest.json'), await manifestOf(directory, files.hashes))
    for (const file of await readdir(directory)) {
      if (!Object.hasOwn(files.hashes, file)) await sync(path.join(directory, file))
    }
    await sync(directory)
    // One that a killed process renamed and did not point to yet.
    if (existsSync(target)) await removeCheckpoint(parent, name)
    await rename(directory, target)
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw notWritten(run, target, error as Error)
  }
  await sync(parent)
  await writeDurably(path.join(run, pointer), `${name}\n`)
  await pointToBest(run, best)
  for (const old of checkpointNames(run).slice(0, -keep)) {
    if (old !== best) await removeCheckpoint(parent, old)
  }
  return target
}

/**
 * The checkpoint a run goes on from, all its files checked; null when the run has none yet.
 *
 * @param name one of the run's checkpoints, by default the latest
 * @throws EverlearnError `CHECKPOINT_UNKNOWN`, `CHECKPOINT_CORRUPT`, `CHECKPOINT_NEWER`
 */
export async function findCheckpoint(run: string, name = latestCheckpoint(run)): Promise<string | null> {
  if (name === null) return null
  const known = checkpointNames(run)
  if (!known.includes(name)) {
    throw new EverlearnError(
      'CHECKPOINT_UNKNOWN',
      `${run} has no checkpoint ${name}; it has ${known.join(', ') || 'none'}`,
    )
  }
  const directory = checkpointPath(run, name)
  await verifyManifest(directory)
  return directory
}

/**
 * Makes a checkpoint the latest and removes those after it: they will be made again.
 *
 * @param best which one was best then
 */
export async function returnToCheckpoint(
  run: string,
  checkpoint: string,
  best: string | null,
): Promise<void> {
  const name = path.basename(checkpoint)
  const known = checkpointNames(run)
  if (latestCheckpoint(run) !== name) await writeDurably(path.join(run, pointer), `${name}\n`)
  await pointToBest(run, best)
  for (const later of known.slice(known.indexOf(name) + 1)) {
    await removeCheckpoint(path.join(run, folder), later)
  }
}

/** One that was best before a return to an earlier checkpoint may be gone. */
async function pointToBest(run: string, best: string | null): Promise<void> {
  const pointed = path.join(run, bestPointer)
  if (best !== null && existsSync(checkpointPath(run, best))) await writeDurably(pointed, `${best}\n`)
  else await rm(pointed, { force: true })
}

/** A checkpoint that is half removed must not look like one. */
async function removeCheckpoint(parent: string, name: string): Promise<void> {
  const moved = asideName(parent, name)
  await rename(path.join(parent, name), moved)
  await rm(moved, { recursive: true })
}

function notWritten(run: string, target: string, cause: Error): Error {
  // Without a code of the system it is no matter of the disk.
  if (!('syscall' in cause)) return cause
  const latest = latestCheckpoint(run)
  const kept = latest ? `${checkpointPath(run, latest)} is intact` : 'there is none before it'
  return new EverlearnError(
    'CHECKPOINT_NOT_WRITTEN',
    `cannot write the checkpoint ${target}: ${cause.message}; ${kept}; make room, then \`everlearn resume ${run}\``,
    { cause },
  )
}
