import type { Memory } from '../../tensor/device.ts'
import type { Evaluation } from '../../train/evaluation/evaluation.ts'
import type { Events, StepReport, TrainerEvents } from '../../train/events.ts'
import { timeLeftOf } from './time-left.ts'

/** One task of a run, as far as it is known. */
export interface TaskView {
  name: string
  /** Iterations in this stage: done, and wanted. 0 wanted: not in this stage. */
  done: number
  budget: number
  /** The run goes on inside the stage, so `done` is a share like that of its steps. */
  doneIsEstimate: boolean
  /** Of the last steps that trained it. */
  recent: { loss: number; accuracy: number } | null
  /** On held-out text, the last time it was judged. */
  heldOut: { loss: number; accuracy: number } | null
  added: boolean
  converged: boolean
}

/** How a run is doing at one moment. */
export interface RunView {
  /** From 1; 0 before the first one. */
  stage: number
  stages: number
  step: number
  steps: number
  /** The last step, null before one was seen. */
  last: (StepReport & { memory: Memory }) | null
  tasks: TaskView[]
  tokensPerSecond: number
  shareOfPeak: number
  secondsLeft: number
  /** The stage's steps are done: held-out text is being judged, or a checkpoint written. */
  stageIsDone: boolean
}

/** Weight of what came before when one more step is seen: the last ten steps count most. */
const memory = 0.9

/**
 * Follows a run from its events; the returned function tells how it is doing.
 *
 * @param now milliseconds
 */
export function viewOf(events: Events<TrainerEvents>, now: () => number): () => RunView {
  const secondsLeft = timeLeftOf(events, now)
  const tasks = new Map<string, TaskView>()
  let stage = 0
  let end = 0
  let start = { step: 0, steps: 0, stages: 0, peak: 0, stageEnds: [] as number[] }
  let last: RunView['last'] = null
  let mark = now()
  /** Means over the last steps. */
  let pace = { seconds: 0, tokens: 0, operations: 0 }

  events.on('start', (event) => {
    start = event
    mark = now()
  })
  events.on('stage', (event) => {
    stage = event.stage
    end = event.end
    const first = start.stageEnds[stage - 2] ?? 0
    const share = (event.step - first) / Math.max(1, end - first)
    for (const task of tasks.values()) task.budget = 0
    for (const [name, budget] of Object.entries(event.budgets)) {
      const { recent = null, heldOut = null } = tasks.get(name) ?? {}
      tasks.set(name, {
        name,
        done: Math.round(budget * share),
        budget,
        doneIsEstimate: share > 0,
        recent,
        heldOut,
        added: event.added.includes(name),
        converged: false,
      })
    }
    mark = now()
  })
  events.on('step', (report) => {
    const seconds = (now() - mark) / 1000
    mark = now()
    last = report
    const { tokens, operations } = report
    const mean = (before: number, found: number) => memory * before + (1 - memory) * found
    pace = {
      seconds: mean(pace.seconds, seconds),
      tokens: mean(pace.tokens, tokens),
      operations: mean(pace.operations, operations),
    }
    for (const [name, { loss, correct, labels }] of Object.entries(report.tasks)) {
      const task = tasks.get(name)
      if (!task) continue
      task.done++
      if (labels === 0) continue
      const found = { loss: loss / labels, accuracy: correct / labels }
      const before = task.recent
      task.recent = before
        ? { loss: mean(before.loss, found.loss), accuracy: mean(before.accuracy, found.accuracy) }
        : found
    }
  })
  events.on('evaluation', ({ evaluations, converged, stageEnds }) => {
    end = stageEnds[stage - 1]
    start = { ...start, stageEnds, steps: stageEnds[stageEnds.length - 1] }
    for (const [name, figures] of heldOutFigures(evaluations)) {
      const task = tasks.get(name)
      if (task) task.heldOut = figures
    }
    for (const name of converged) {
      const task = tasks.get(name)
      if (task) task.converged = true
    }
    mark = now()
  })
  events.on('checkpoint', () => {
    mark = now()
  })

  return () => ({
    stage,
    stages: start.stages,
    step: last?.step ?? start.step,
    steps: start.steps,
    last,
    tasks: [...tasks.values()],
    tokensPerSecond: pace.tokens / pace.seconds,
    shareOfPeak: pace.operations / pace.seconds / start.peak,
    secondsLeft: secondsLeft() - (now() - mark) / 1000,
    stageIsDone: (last?.step ?? start.step) >= end && stage > 0,
  })
}

/** Of several held-out corpora the mean over their labels. */
function heldOutFigures(evaluations: Evaluation[]): Map<string, { loss: number; accuracy: number }> {
  const sums = new Map<string, { loss: number; accuracy: number; labels: number }>()
  for (const { task, loss, accuracy, labels } of evaluations) {
    const sum = sums.get(task) ?? { loss: 0, accuracy: 0, labels: 0 }
    sums.set(task, {
      loss: sum.loss + loss * labels,
      accuracy: sum.accuracy + accuracy * labels,
      labels: sum.labels + labels,
    })
  }
  return new Map(
    [...sums].map(([task, { loss, accuracy, labels }]) => [
      task,
      { loss: loss / labels, accuracy: accuracy / labels },
    ]),
  )
}
