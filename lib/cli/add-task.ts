import path from 'node:path'
import type { Argv } from 'yargs'
import { EverlearnError } from '../error.ts'
import { addTask } from '../train/change-run.ts'
import { isTaskFile } from '../train/run-plan.ts'
import type { Command } from './command.ts'

interface Options {
  run: string
  task: string
  iterations: number
  corpus?: string[]
  'held-out'?: string[]
  name?: string
  weight: number
  options?: string
}

export const addTaskCommand: Command<Options> = {
  command: 'add-task <run>',
  describe: 'Append a stage with one more task to a run that has ended or was stopped',
  builder: (yargs) =>
    yargs
      .positional('run', { describe: 'Folder of the run', type: 'string' })
      .option('task', {
        describe: 'Name of a built-in task, or the file of your own',
        type: 'string',
        demandOption: true,
      })
      .option('iterations', {
        describe: 'N of the new task; each of K earlier tasks gets N / (K + 2) beside it',
        type: 'number',
        demandOption: true,
      })
      .option('corpus', {
        describe:
          'Prepared corpus that comes with it, DIR or NAME=DIR (repeat for more; none: those of the run)',
        type: 'string',
        array: true,
        nargs: 1,
      })
      .option('held-out', { describe: 'Held-out corpus, as --corpus', type: 'string', array: true, nargs: 1 })
      .option('name', { describe: "Its name in the run (by default the task's own)", type: 'string' })
      .option('weight', { describe: 'Of its loss in a step', type: 'number', default: 1 })
      .option('options', { describe: "The task's own options, as JSON", type: 'string' })
      .example('$0 add-task runs/first --task sentence-reordering --iterations 2000', '')
      .example(
        '$0 add-task runs/first --task ./my-task.ts --corpus news/train --iterations 500',
        '',
      ) as unknown as Argv<Options>,

  async run({ run, task, iterations, corpus = [], name, weight, options, ...rest }) {
    const { stage, budgets } = await addTask(run, {
      task: { ...parseOptions(options), task: isTaskFile(task) ? path.resolve(task) : task, name, weight },
      iterations,
      corpora: named(corpus, name ?? path.parse(task).name),
      heldOut: named(rest['held-out'] ?? [], name ?? path.parse(task).name),
    })
    const shares = Object.entries(budgets).map(([each, count]) => `${each} ${count}`)
    console.log(`stage ${stage}: ${shares.join(', ')} iterations; train it with: everlearn resume ${run}`)
    return 0
  },
}

/** `DIR` or `NAME=DIR` each; a folder without a name is called after the task. */
function named(given: string[], task: string): Record<string, string> {
  const corpora: Record<string, string> = {}
  for (const [index, each] of given.entries()) {
    const [, name = index === 0 ? task : `${task}-${index + 1}`, directory] =
      /^(?:([^=/]+)=)?(.+)$/s.exec(each) ?? []
    if (directory === undefined || Object.hasOwn(corpora, name)) {
      throw new EverlearnError(
        'USAGE',
        `"${each}" is no corpus of its own; give DIR or NAME=DIR, each name once`,
      )
    }
    corpora[name] = path.resolve(directory)
  }
  return corpora
}

function parseOptions(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  try {
    const options: unknown = JSON.parse(text)
    if (typeof options === 'object' && options !== null && !Array.isArray(options)) {
      return options as Record<string, unknown>
    }
  } catch {
    // Said below.
  }
  throw new EverlearnError(
    'USAGE',
    `--options is ${text}; a JSON object is wanted, such as {"probability":0.2}`,
  )
}
