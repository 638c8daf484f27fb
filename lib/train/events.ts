import type { Memory } from '../tensor/device.ts'
import type { Evaluation } from './evaluation/evaluation.ts'

/** Figures of one task over one step or several. */
export interface TaskFigures {
  /** Sum of the losses of its labels. */
  loss: number
  /** Labels predicted rightly. */
  correct: number
  labels: number
}

/** What came of one step. */
export interface StepReport {
  /** Its number, from 1. */
  step: number
  /** From 1. */
  stage: number
  corpus: string
  tasks: Record<string, TaskFigures>
  learningRate: number
  tokens: number
  /** Floating-point operations of the products of matrices, forward and backward. */
  operations: number
  gradientNorm: number
  lossScale: number
  /** Its gradients were not finite and changed nothing. */
  skipped: boolean
  /** Steps of the run that were skipped so far. */
  skippedSteps: number
}

/** What happens in a run, in this order. Numbers of steps and stages count from 1. */
export interface TrainerEvents {
  /** Training begins, or goes on after `step`. */
  /** `peak`: FLOP/s of products of matrices that the device can reach. */
  /** `table`: most iterations of each task by stage. `stageEnds`: the last step of each stage. */
  start: {
    step: number
    steps: number
    stages: number
    peak: number
    table: Record<string, number>[]
    stageEnds: number[]
  }
  /** Up to and with step `end`; `added`: tasks that are new. */
  stage: { step: number; stage: number; end: number; budgets: Record<string, number>; added: string[] }
  /** Comes a step late: the next one is queued already. */
  step: StepReport & { memory: Memory }
  /** `ends`: it ends the stage; else it is one of those inside. `converged`: tasks that are done in this stage. */
  /** `stageEnds`: as in `start`; stages end earlier when tasks have converged. */
  evaluation: {
    step: number
    stage: number
    ends: boolean
    evaluations: Evaluation[]
    converged: string[]
    stageEnds: number[]
  }
  checkpoint: { step: number; path: string }
  end: { step: number; stopped: boolean; checkpoint: string; tokensPerSecond: number }
}

type Listener<T> = (event: T) => void | Promise<void>

/** Named events; listeners run in the order in which they were added, each after the one before has finished. */
export class Events<Map extends object> {
  readonly #listeners: { [Name in keyof Map]?: Listener<Map[Name]>[] } = {}

  on<Name extends keyof Map>(name: Name, listener: Listener<Map[Name]>): void {
    this.#listeners[name] ??= []
    this.#listeners[name].push(listener)
  }

  async emit<Name extends keyof Map>(name: Name, event: Map[Name]): Promise<void> {
    for (const listener of this.#listeners[name] ?? []) await listener(event)
  }
}
