import { extname, isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EverlearnError } from '../error.ts'
import { importModule } from './import-module.ts'
import type { Task } from './task.ts'

/** A task in words that can be written in a plan, kept in a checkpoint and sent to a worker. */
export interface TaskDescription {
  /** A built-in task's name, or the absolute path or file URL of a module whose default export makes the task. */
  task: string
  /** What the task's factory is called with. JSON only. */
  options?: Record<string, unknown>
  /** Name of the task in this run, by default the one its factory gives it. */
  name?: string
}

type TaskFactory = (options?: Record<string, unknown>) => Task

/**
 * Makes the task that a description stands for.
 *
 * @throws EverlearnError `TASK_UNKNOWN`, `TASK_INVALID`, and what the task's factory says of its options
 */
export async function loadTask(description: TaskDescription): Promise<Task> {
  const factory = await loadFactory(description.task)
  const task = factory(description.options)
  const found = problemOf(task)
  if (found) {
    throw new EverlearnError(
      'TASK_INVALID',
      `${description.task} does not make a task: ${found}; see lib/data/task.ts for what a task is`,
    )
  }
  return description.name === undefined ? task : { ...task, name: description.name }
}

async function loadFactory(name: string): Promise<TaskFactory> {
  const url = moduleUrl(name)
  if (!url) {
    const builtIn = await builtInTasks()
    if (Object.hasOwn(builtIn, name)) return builtIn[name]
    throw new EverlearnError(
      'TASK_UNKNOWN',
      `there is no task "${name}"; built in are ${Object.keys(builtIn).join(', ')}, and a task of your own is given ` +
        'by the path of its file',
    )
  }
  let factory: unknown
  try {
    factory = (await importModule(url)).default
  } catch (cause) {
    throw new EverlearnError('TASK_UNKNOWN', `cannot load the task ${name}: ${(cause as Error).message}`, {
      cause,
    })
  }
  if (typeof factory === 'function') return factory as TaskFactory
  throw new EverlearnError(
    'TASK_INVALID',
    `${name} has no default export that is a function; a task's file exports the factory of the task by default`,
  )
}

/** Names of the built-in tasks. */
export async function builtInTaskNames(): Promise<string[]> {
  return Object.keys(await builtInTasks())
}

async function builtInTasks(): Promise<Record<string, TaskFactory>> {
  const tasks = new URL(`../../tasks/index${extname(import.meta.url)}`, import.meta.url)
  const { pretrainingTasks } = await importModule(tasks)
  return pretrainingTasks as Record<string, TaskFactory>
}

function moduleUrl(name: string): URL | null {
  if (name.startsWith('file:')) return new URL(name)
  return isAbsolute(name) ? pathToFileURL(name) : null
}

function problemOf(task: Task): string | null {
  if (typeof task !== 'object' || task === null) return `it returned ${task === null ? 'null' : typeof task}`
  if (typeof task.name !== 'string' || task.name === '') return 'its name is missing'
  if (task.kind === 'sentence') {
    if (typeof task.draw !== 'function') return 'a sentence task has a function draw'
    if (!Array.isArray(task.classNames) || task.classNames.length === 0) return 'its classNames are missing'
    const isClass = (index: number) => Number.isInteger(index) && index >= 0 && index < task.classNames.length
    const wrong = task.groups?.find(({ classes }) => classes.length === 0 || !classes.every(isClass))
    return wrong
      ? `its group "${wrong.name}" is of the classes ${JSON.stringify(wrong.classes)}, of ${task.classNames.length}`
      : null
  }
  if (task.kind !== 'token')
    return `its kind is ${JSON.stringify((task as Task).kind)}, not "sentence" or "token"`
  if (typeof task.annotate !== 'function') return 'a token task has a function annotate'
  return typeof task.head?.kind === 'string' ? null : 'its head is missing'
}
