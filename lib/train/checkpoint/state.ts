import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { EverlearnError } from '../../error.ts'
import type { HeadSpec } from '../../nn/heads/head.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { Convergence } from '../schedule/convergence.ts'
import type { Stage } from '../schedule/schedule.ts'
import type { Cut } from '../schedule/steps.ts'
import type { Fingerprints } from '../setup.ts'
import { corrupt } from './manifest.ts'

/** Where a run stands: all of a checkpoint that is no tensor. It holds no time. */
export interface TrainingState {
  /** Optimiser steps done, skipped ones too. */
  step: number
  /** Stages that are done, evaluation and all. */
  finishedStages: number
  /** Real tokens of all steps. */
  tokens: number
  /** Steps skipped since the last one that was not. */
  skippedInARow: number
  /** In the order in which they were added. */
  heads: { name: string; spec: HeadSpec }[]
  /** Those that ended stages. */
  evaluations: Evaluation[]
  /** Step after which held-out text was last looked at inside a stage. */
  evaluatedAt: number
  /** Of the tasks of this stage. */
  convergence: Convergence
  /** Tasks that converged, and when. */
  converged: Cut[]
  /** The checkpoint with which the task that the plan names did best. */
  best: Best | null
  /** What of the next step is done: its first micro-batches, whose gradients are in the arenas. */
  begun: BegunStep | null
}

export interface Best {
  checkpoint: string
  score: number
}

export interface BegunStep {
  microBatches: number
  /** Tasks with a loss in the step. */
  tasks: string[]
  /** As {@link StepInputs.allStatistics}. */
  statistics: number[]
  operations: number
}

/** A run before its first step. */
export const initialState: TrainingState = {
  step: 0,
  finishedStages: 0,
  tokens: 0,
  skippedInARow: 0,
  heads: [],
  evaluations: [],
  evaluatedAt: 0,
  convergence: {},
  converged: [],
  best: null,
  begun: null,
}

/** What `state.json` holds besides: choices made once, and what the run needs to be the same. */
export interface StoredState extends TrainingState {
  lossScale: { value: number; goodSteps: number; skipped: number }
  /** Most iterations of each task by stage. */
  stages: Stage[]
  /** By corpus and task: from them follow the sequences of each step. */
  meanLengths: Record<string, number>
  /** Sequences of a step, by the same keys. */
  slotsPerStep: Record<string, number>
  precision: string
  /** Instruction set level and library of the products of matrices. */
  isa: string
  versions: { everlearn: string; node: string; gemm: string }
  fingerprints: Fingerprints
}

export const stateFile = 'state.json'

const numbers = z.record(z.string(), z.number())
const hashes = z.record(z.string(), z.string())
const schema = z.looseObject({
  step: z.int().nonnegative(),
  finishedStages: z.int().nonnegative(),
  heads: z.array(z.looseObject({ name: z.string(), spec: z.looseObject({ kind: z.string() }) })),
  evaluations: z.array(z.looseObject({ stage: z.int() })),
  lossScale: z.looseObject({ value: z.number(), goodSteps: z.int(), skipped: z.int() }),
  meanLengths: numbers,
  fingerprints: z.looseObject({ plan: z.string(), corpora: hashes, heldOut: hashes, tasks: hashes }),
})

/** @throws EverlearnError `CHECKPOINT_CORRUPT` */
export function readState(checkpoint: string): StoredState {
  const file = path.join(checkpoint, stateFile)
  if (!existsSync(file)) throw corrupt(checkpoint, stateFile, 'is missing')
  const stored: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const result = schema.safeParse(stored)
  if (!result.success)
    throw corrupt(checkpoint, stateFile, `is no state of a run: ${result.error.issues[0].message}`)
  const state = { ...initialState, ...(stored as StoredState) }
  return { ...state, fingerprints: { ...state.fingerprints, changes: state.fingerprints.changes ?? [] } }
}

/**
 * A run goes on only with what it began with, and with what was added to it since.
 *
 * @throws EverlearnError `RUN_CHANGED`, naming what is not as it was
 */
export function refuseChanges(run: string, stored: Fingerprints, now: Fingerprints): void {
  const grown = now.changes.length > stored.changes.length
  const changed = (what: string, before: Record<string, string>, after: Record<string, string>) => {
    const names = [...new Set([...Object.keys(before), ...(grown ? [] : Object.keys(after))])]
    return names.filter((name) => before[name] !== after[name]).map((name) => `${what} ${name}`)
  }
  const samePlan =
    stored.plan === now.plan && stored.changes.every((change, index) => change === now.changes[index])
  const found = [
    ...(samePlan ? [] : [`the plan (${path.join(run, 'plan.json')})`]),
    ...changed('the corpus', stored.corpora, now.corpora),
    ...changed('the held-out corpus', stored.heldOut, now.heldOut),
    ...changed('the task', stored.tasks, now.tasks),
  ]
  if (found.length === 0) return
  throw new EverlearnError(
    'RUN_CHANGED',
    `${found.join(' and ')} ${found.length > 1 ? 'have' : 'has'} changed since ${run} was begun; put back what it was, ` +
      'or begin a new run',
  )
}
