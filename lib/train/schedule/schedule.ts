import { EverlearnError } from '../../error.ts'

/** Iterations of each task in one stage; tasks without any are left out or 0. */
export type Stage = Record<string, number>

type Totals = { task: string; total: number }[]

/** The ways of Figure 2 to train several tasks, each as a table of iterations. */
export const methods = {
  'continual-multi-task': continualMultiTask,
  /** All tasks from the beginning, in one stage. */
  'multi-task': (tasks: Totals): Stage[] => [
    Object.fromEntries(tasks.map(({ task, total }) => [task, total])),
  ],
  /** One task after another, each alone. */
  continual: (tasks: Totals): Stage[] => tasks.map(({ task, total }) => ({ [task]: total })),
}

export type Method = keyof typeof methods

/**
 * The table of iterations of a method.
 *
 * @param tasks in the order in which they are added
 * @param iterations N, for all tasks or for each
 * @throws EverlearnError `SCHEDULE_INVALID`
 */
export function stages(
  tasks: string[],
  iterations: number | Record<string, number>,
  method: Method = 'continual-multi-task',
): Stage[] {
  if (tasks.length === 0) throw invalid('there are no tasks; name at least one')
  const twice = tasks.find((task, index) => tasks.indexOf(task) < index)
  if (twice !== undefined) throw invalid(`the task ${twice} is named twice; name each once`)
  const totals = tasks.map((task) => {
    const total = typeof iterations === 'number' ? iterations : iterations[task]
    if (!Number.isSafeInteger(total) || total < 1) {
      throw invalid(`${task} has ${total} iterations; give a whole number of at least 1`)
    }
    return { task, total }
  })
  return methods[method](totals)
}

/**
 * Continual multi-task learning (ERNIE 2.0, section 3.2 and Table 7): with K tasks of N iterations and u = N / (K + 1),
 * stage i gives u to each earlier task and (i + 2) u to the new one, the task i. Where N is no multiple of K + 1, u is
 * rounded down and a task's first stage gets the rest: every task has exactly N.
 */
function continualMultiTask(tasks: Totals): Stage[] {
  return tasks.map((_, stage) => {
    const budgets: Stage = {}
    for (let index = 0; index <= stage; index++) {
      const { task, total } = tasks[index]
      const share = Math.floor(total / (tasks.length + 1))
      budgets[task] = index < stage ? share : total - (tasks.length - 1 - index) * share
    }
    return budgets
  })
}

/**
 * The stage that adds one more task to a run of K: N for the new one, u = N / (K + 2) for each of the others, so that
 * nothing is forgotten.
 *
 * @param earlier tasks that the run has and that were not retired
 */
export function stageOfNewTask(earlier: string[], task: string, iterations: number): Stage {
  const share = Math.floor(iterations / (earlier.length + 2))
  return { ...Object.fromEntries(earlier.map((name) => [name, share])), [task]: iterations }
}

/**
 * Checks a table given by hand: whole numbers, only known tasks, every task somewhere, no stage empty.
 *
 * @throws EverlearnError `SCHEDULE_INVALID`
 */
export function checkStages(table: Stage[], tasks: string[]): void {
  if (table.length === 0) throw invalid('the table has no stages; give at least one')
  table.forEach((budgets, stage) => {
    for (const [task, count] of Object.entries(budgets)) {
      if (!tasks.includes(task)) {
        throw invalid(
          `stage ${stage + 1} has a budget for ${task}, which is no task of the plan (${tasks.join(', ')})`,
        )
      }
      if (!Number.isSafeInteger(count) || count < 0) {
        throw invalid(
          `stage ${stage + 1} gives ${task} ${count} iterations; give a whole number of at least 0`,
        )
      }
    }
    if (!Object.values(budgets).some((count) => count > 0)) {
      throw invalid(`stage ${stage + 1} has no iterations; give a task some or leave the stage out`)
    }
  })
  const idle = tasks.filter((task) => !table.some((budgets) => (budgets[task] ?? 0) > 0))
  if (idle.length > 0) {
    throw invalid(
      `${idle.join(', ')} ${idle.length > 1 ? 'have' : 'has'} no iterations in any stage; give some or leave it out`,
    )
  }
}

function invalid(message: string): EverlearnError {
  return new EverlearnError('SCHEDULE_INVALID', `the stages do not work: ${message}`)
}
