import { EverlearnError } from '../../error.ts'
import { knownNames } from '../nearest.ts'
import type { RunPlan } from '../run-plan.ts'
import { checkStages, type Stage, stageOfNewTask, stages } from './schedule.ts'
import type { Cut } from './steps.ts'

/** The stages of a plan, those that were added to its run among them. */
export interface RunStages {
  /** Most iterations of each task by stage. */
  table: Stage[]
  /** How many of them the plan had when the run began. */
  planned: number
  /** Tasks that were retired. */
  retired: Cut[]
  /** Tasks that are trained until they have converged: evaluations without progress after which they have. */
  patience: Record<string, number>
}

/**
 * @param tasks names of all tasks, those that were added last
 * @throws EverlearnError `SCHEDULE_INVALID`, `TASK_UNKNOWN`
 */
export function runStages({ iterations, method, changes }: RunPlan, tasks: string[]): RunStages {
  const additions = changes.filter((change) => 'add' in change)
  const first = tasks.slice(0, tasks.length - additions.length)
  const patience: Record<string, number> = {}
  const table = plannedStages(iterations, method, first, patience)
  const planned = table.length
  const present = [...first]
  const retired: Cut[] = []
  for (const change of changes) {
    if ('add' in change) {
      const name = tasks[first.length + table.length - planned]
      const earlier = present.filter((task) => !retired.some((cut) => cut.task === task))
      table.push(stageOfNewTask(earlier, name, change.iterations))
      present.push(name)
    } else {
      requireKnown(change.retire, present, 'the task to retire is')
      retired.push({ step: change.step, task: change.retire, forGood: true })
    }
  }
  return { table, planned, retired, patience }
}

/** How many stages a plan has, those that were added to its run among them. */
export function stageCount({ iterations, method, tasks, changes }: RunPlan): number {
  const added = changes.filter((change) => 'add' in change).length
  if (Array.isArray(iterations)) return iterations.length + added
  return (method === 'multi-task' ? 1 : tasks.length) + added
}

function plannedStages(
  iterations: RunPlan['iterations'],
  method: RunPlan['method'],
  tasks: string[],
  patience: Record<string, number>,
): Stage[] {
  if (Array.isArray(iterations)) {
    if (method !== 'continual-multi-task') {
      throw new EverlearnError(
        'SCHEDULE_INVALID',
        `the method ${method} makes a table of its own, and iterations is one already; leave out one of them`,
      )
    }
    checkStages(iterations, tasks)
    return [...iterations]
  }
  if (typeof iterations === 'number') return stages(tasks, iterations, method)
  const each = isConverging(iterations)
    ? Object.fromEntries(tasks.map((task) => [task, iterations]))
    : iterations
  const unknown = Object.keys(each).find((name) => !tasks.includes(name))
  if (unknown !== undefined) requireKnown(unknown, tasks, 'iterations has')
  const totals: Record<string, number> = {}
  for (const [task, wanted] of Object.entries(each)) {
    totals[task] = typeof wanted === 'number' ? wanted : wanted.atMost
    if (typeof wanted !== 'number') patience[task] = wanted.patience
  }
  return stages(tasks, totals, method)
}

type Converging = { until: 'converged'; atMost: number; patience: number }

const isConverging = (iterations: object): iterations is Converging =>
  'until' in iterations && iterations.until === 'converged'

function requireKnown(name: string, tasks: string[], what: string): void {
  if (tasks.includes(name)) return
  throw new EverlearnError(
    'TASK_UNKNOWN',
    `${what} "${name}", which is no task of the plan; ${knownNames(name, tasks)}`,
  )
}
