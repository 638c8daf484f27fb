import type { Corpus } from '../data/corpus.ts'
import type { Task } from '../data/task.ts'
import { EverlearnError } from '../error.ts'
import { knownNames } from './nearest.ts'

/**
 * Which tasks a corpus is for: those that the plan names, each of which must work with it, or else all that are meant
 * for its kind and can work with it, which is the matrix of the paper's Table 1.
 *
 * @param named as in the plan
 * @param what the corpus, for messages
 * @throws EverlearnError `TASK_UNKNOWN`, and what a task's check says
 */
export function tasksOfCorpus(
  corpus: Corpus,
  named: string[] | undefined,
  tasks: Record<string, Task>,
  what: string,
): string[] {
  const known = Object.keys(tasks)
  if (!named) {
    const meant = ({ corpora = ['text'] }: Task) => corpora.includes(corpus.kind)
    return known.filter((name) => meant(tasks[name]) && problemOf(tasks[name], corpus) === null)
  }
  checkNamed(named, known, what)
  for (const name of named) {
    const problem = problemOf(tasks[name], corpus)
    if (problem) throw problem
  }
  return named
}

/**
 * Tasks that a plan names for a corpus must be tasks of the plan.
 *
 * @throws EverlearnError `TASK_UNKNOWN`
 */
export function checkNamed(named: readonly string[], known: string[], what: string): void {
  const unknown = named.find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new EverlearnError(
    'TASK_UNKNOWN',
    `${what} is given to the task "${unknown}", which the plan has not; ${knownNames(unknown, known)}`,
  )
}

/** @throws EverlearnError what the check of a task says that none of the corpora can serve */
export function checkServed(
  tasks: Record<string, Task>,
  corpora: { corpus: Corpus; tasks: string[] }[],
): void {
  for (const [name, task] of Object.entries(tasks)) {
    if (corpora.some((each) => each.tasks.includes(name))) continue
    const problems = corpora.map(({ corpus }) => problemOf(task, corpus))
    const problem = problems.find((each) => each !== null)
    if (problem) throw problem
    throw new EverlearnError(
      'TASK_WITHOUT_CORPUS',
      `no corpus of the plan is given to the task ${name}; give it one`,
    )
  }
}

function problemOf(task: Task, corpus: Corpus): EverlearnError | null {
  try {
    task.check?.(corpus)
    return null
  } catch (error) {
    if (error instanceof Error && error.name === 'EverlearnError') return error as EverlearnError
    throw error
  }
}
