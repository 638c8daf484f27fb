import type { Events, TrainerEvents } from '../../train/events.ts'
import type { Stage } from '../../train/schedule/schedule.ts'
import { createStepTime } from './step-time.ts'

/**
 * Follows a run and tells how many seconds it has left, NaN before that can be told: the steps of this and of all stages
 * to come, each by what it trains, and the evaluations and checkpoints, by how long those before took. Until an evaluation
 * was seen, evaluations count nothing. Tasks that may converge before their budget ends count with all of it.
 *
 * @param now milliseconds
 */
export function timeLeftOf(events: Events<TrainerEvents>, now: () => number): () => number {
  let stepTime = createStepTime()
  let table: Stage[] = []
  let stageEnds: number[] = []
  let current = 0
  let step = 0
  /** Iterations that the tasks of a stage that was begun have left. */
  let left = { stage: -1, tasks: {} as Stage }
  let mark = now()
  let seen = 0
  /** Seconds of checkpoints and evaluations between the steps seen. */
  let between = 0
  /** Seconds for each task of the evaluation at the end of a stage. */
  let evaluation = 0

  const lap = () => {
    const seconds = (now() - mark) / 1000
    mark = now()
    return seconds
  }
  const tasksBy = (stage: number) => new Set(table.slice(0, stage + 1).flatMap(trained)).size

  events.on('start', (start) => {
    ;({ step, table, stageEnds } = start)
    lap()
  })
  events.on('stage', ({ stage, end, budgets }) => {
    current = stage - 1
    const first = stageEnds[current - 1] ?? 0
    // What was done of each task in a stage that a run goes on with is not told: a share like that of the steps.
    const share = (end - step) / Math.max(1, end - first)
    const tasks = Object.entries(budgets).map(([task, count]) => [task, count * share])
    left = { stage: current, tasks: Object.fromEntries(tasks) }
    lap()
  })
  events.on('step', (report) => {
    const tasks = Object.keys(report.tasks)
    // The first step makes buffers and warms caches: it counts only while there is no other.
    if (seen === 1) stepTime = createStepTime()
    stepTime.observe(tasks, lap())
    step = report.step
    seen++
    for (const task of tasks) left.tasks[task] = Math.max(0, (left.tasks[task] ?? 0) - 1)
  })
  events.on('evaluation', ({ ends, converged, ...planned }) => {
    stageEnds = planned.stageEnds
    for (const task of converged) left.tasks[task] = 0
    const seconds = lap()
    if (ends) evaluation = seconds / Math.max(1, tasksBy(current))
    else between += seconds
    // This stage's own is done.
    if (ends) current++
  })
  events.on('checkpoint', () => {
    between += lap()
  })

  return () => {
    let seconds = 0
    for (let stage = current; stage < table.length; stage++) {
      const begin = Math.max(step, stageEnds[stage - 1] ?? 0)
      const tasks = left.stage === stage ? left.tasks : table[stage]
      seconds += stepTime.expect({ steps: stageEnds[stage] - begin, tasks }) + evaluation * tasksBy(stage)
    }
    const steps = (stageEnds.at(-1) ?? 0) - step
    return seconds + (seen === 0 ? 0 : (between / seen) * steps)
  }
}

const trained = (budgets: Stage): string[] => Object.keys(budgets).filter((task) => budgets[task] > 0)
