import type { StageSamples } from '../../train/evaluation/sample-predictions.ts'
import type { CurvePoint } from './curve.ts'

/** All that is shown of a run: a plain object. */
export interface RunReport {
  /** Path of its folder, relative to the folder that is shown. */
  name: string
  state: RunState
  settings: RunSettings
  /** Steps done, and of the whole plan where that is known. */
  step: number
  steps: number | null
  stages: StageReport[]
  /** In the order in which they were added. */
  tasks: string[]
  points: readonly CurvePoint[]
  evaluations: EvaluationPoint[]
  samples: StageSamples[]
  /** While it trained. */
  tokens: number
  seconds: number
  /** Name of the latest checkpoint. */
  checkpoint: string | null
  /** When the last line was logged. */
  updated: string | null
}

/** `waiting`: nothing was logged yet; `interrupted`: its process is gone without having said that it ends. */
export type RunState = 'waiting' | 'running' | 'finished' | 'stopped' | 'interrupted'

export interface RunSettings {
  title: string
  method: string
  /** Names of the tasks. */
  tasks: string[]
  encoder: string
  tokensPerStep: number | null
  precision: string | null
}

export interface StageReport {
  /** From 1. */
  stage: number
  /** Its last step, null where it has not begun. */
  end: number | null
  state: 'planned' | 'begun' | 'done'
  /** Iterations of each task. */
  budgets: Record<string, number>
  /** Iterations of each task done. */
  used: Record<string, number>
}

/** How well a task was done on held-out text after a step. */
export interface EvaluationPoint {
  step: number
  stage: number
  /** Whether it ends its stage. */
  ends: boolean
  task: string
  /** The task, with the held-out corpus where there are several. */
  row: string
  loss: number | null
  /** The headline figure: the higher the better. */
  figure: string
  value: number | null
  /** What is reached without learning. */
  baseline: { loss: number | null; value: number | null }
}
