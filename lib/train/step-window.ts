import type { Events, StepReport, TaskFigures, TrainerEvents } from './events.ts'

/** Figures of several steps together. */
export interface WindowFigures {
  /** Those of the last step where they are not sums. */
  last: StepReport | null
  /** `iterations`: steps that the task took part in. */
  tasks: Record<string, TaskFigures & { iterations: number }>
  steps: number
  tokens: number
  operations: number
  seconds: number
}

export interface StepWindow {
  /** What went before was no training: time counts from now on. */
  restart(now: number): void
  add(report: StepReport, now: number): void
  /** The figures since the last call. */
  take(): WindowFigures
}

/** Adds up reports of steps and the time between them; `now` in milliseconds as performance.now() gives them. */
export function createStepWindow(): StepWindow {
  let mark = 0
  let milliseconds = 0
  let tokens = 0
  let operations = 0
  let steps = 0
  let last: StepReport | null = null
  let tasks: WindowFigures['tasks'] = {}
  return {
    restart(now) {
      mark = now
    },
    add(report, now) {
      milliseconds += now - mark
      mark = now
      tokens += report.tokens
      operations += report.operations
      steps++
      last = report
      for (const [task, { loss, correct, labels }] of Object.entries(report.tasks)) {
        const sum = tasks[task] ?? { loss: 0, correct: 0, labels: 0, iterations: 0 }
        tasks[task] = {
          loss: sum.loss + loss,
          correct: sum.correct + correct,
          labels: sum.labels + labels,
          iterations: sum.iterations + 1,
        }
      }
    },
    take() {
      const taken = { last, tasks, steps, tokens, operations, seconds: milliseconds / 1000 }
      milliseconds = tokens = operations = steps = 0
      tasks = {}
      return taken
    },
  }
}

/** A window that adds up the steps of a run; what lies between them and is no training does not count. */
export function windowOf(events: Events<TrainerEvents>, now = () => performance.now()): StepWindow {
  const window = createStepWindow()
  const restart = () => window.restart(now())
  for (const name of ['stage', 'evaluation', 'checkpoint'] as const) events.on(name, restart)
  events.on('step', (report) => window.add(report, now()))
  return window
}
