import { EverlearnError } from '../error.ts'

/** Iterations of each task in one stage; tasks without any are left out or 0. */
export type Stage = Record<string, number>

/**
 * Continual multi-task learning's table of iterations (ERNIE 2.0, section 3.2 and Table 7): with K tasks of N
 * iterations and u = N / (K + 1), stage i gives u to each earlier task and (i + 2) u to the new one, the task i.
 * Where N is no multiple of K + 1, u is rounded down and a task's first stage gets the rest: every task has exactly N.
 *
 * @param tasks in the order in which they are added
 * @param iterations N, for all tasks or for each
 * @throws EverlearnError `SCHEDULE_INVALID`
 */
export function stages(tasks: string[], iterations: number | Record<string, number>): Stage[] {
  if (tasks.length === 0) throw invalid('there are no tasks; name at least one')
  const twice = tasks.find((task, index) => tasks.indexOf(task) < index)
  if (twice !== undefined) throw invalid(`the task ${twice} is named twice; name each once`)
  const total = tasks.map((task) => {
    const count = typeof iterations === 'number' ? iterations : iterations[task]
    if (!Number.isSafeInteger(count) || count < 1) {
      throw invalid(`${task} has ${count} iterations; give a whole number of at least 1`)
    }
    return count
  })
  return tasks.map((_, stage) => {
    const budgets: Stage = {}
    for (let task = 0; task <= stage; task++) {
      const share = Math.floor(total[task] / (tasks.length + 1))
      budgets[tasks[task]] = task < stage ? share : total[task] - (tasks.length - 1 - task) * share
    }
    return budgets
  })
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
