import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Argv } from 'yargs'
import { builtInTaskNames, type TaskDescription } from '../data/load-task.ts'
import { EverlearnError } from '../error.ts'
import { inspectionPage } from '../report/inspect/html/inspection-page.ts'
import { inspectCorpus } from '../report/inspect/inspect-corpus.ts'
import { inspectionText } from '../report/inspect/text/inspection-text.ts'
import { wantsColour } from '../report/inspect/text/paint.ts'
import { writeDurably } from '../train/durable.ts'
import { knownNames } from '../train/nearest.ts'
import { isTaskFile } from '../train/run-plan.ts'
import type { Command } from './command.ts'

interface Options {
  corpus: string
  task?: string
  options?: string
  with?: string
  count?: number
  seed: number
  'max-length': number
  progress: number
  html?: string
  force: boolean
  json: boolean
}

export const inspectCommand: Command<Options> = {
  command: 'inspect',
  describe: 'Show samples of a task on a corpus as training draws them, or statistics of the corpus',
  builder: (yargs) =>
    yargs
      .option('corpus', { describe: 'Folder made by prepare', type: 'string', demandOption: true })
      .option('task', { describe: 'Built-in task, or the file of your own', type: 'string' })
      .option('options', { describe: 'Options of the task, as JSON', type: 'string' })
      .option('with', { describe: 'Token tasks that ride along, with commas between them', type: 'string' })
      .option('count', {
        describe: 'Samples to show (5); without a task, inputs that label balances are drawn from (1000)',
        type: 'number',
      })
      .option('seed', { describe: 'As in a plan', type: 'number', default: 1 })
      .option('max-length', {
        describe: 'Longest input in tokens, as maxLength in a plan',
        type: 'number',
        default: 128,
      })
      .option('progress', { describe: 'Stages done, for tasks with a schedule', type: 'number', default: 0 })
      .option('html', { describe: 'Page to write: samples and statistics', type: 'string' })
      .option('force', { describe: 'Replace the page that is there', type: 'boolean', default: false })
      .option('json', { describe: 'As one JSON object', type: 'boolean', default: false })
      .example('$0 inspect --corpus corpus/train', '')
      .example(
        '$0 inspect --corpus corpus/train --task sentence-distance --with knowledge-masking',
        '',
      ) as Argv<Options>,

  async run({
    corpus,
    task,
    options,
    with: others,
    count,
    seed,
    'max-length': maxLength,
    progress,
    html,
    force,
    json,
  }) {
    if (task === undefined && (options !== undefined || others !== undefined))
      throw new EverlearnError(
        'USAGE',
        `--${options !== undefined ? 'options' : 'with'} is about a --task; give one`,
      )
    if (html !== undefined) checkPlace(html, force)
    const tasks = task === undefined ? [] : await describeTasks(task, options, others)
    const inspection = await inspectCorpus({
      corpus,
      tasks,
      count: task === undefined ? undefined : count,
      balanceInputs: task === undefined ? count : undefined,
      statistics: html !== undefined || json,
      seed,
      maxLength,
      progress,
    })
    if (html !== undefined) await writePage(html, inspectionPage(inspection))
    if (json) console.log(JSON.stringify(inspection, null, 2))
    else if (html !== undefined)
      console.log(
        `${html}: ${inspection.samples?.samples.length ?? 'no'} samples and statistics of ${corpus}`,
      )
    else {
      const colour = wantsColour(process.env, process.stdout.isTTY === true)
      process.stdout.write(inspectionText(inspection, { width: process.stdout.columns ?? 80, colour }))
    }
    return 0
  },
}

async function describeTasks(task: string, options?: string, others?: string): Promise<TaskDescription[]> {
  const more = (others ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const builtIn = await builtInTaskNames()
  return [task, ...more].map((name, index) => {
    if (!isTaskFile(name) && !builtIn.includes(name)) {
      throw new EverlearnError(
        'TASK_UNKNOWN',
        `there is no task "${name}"; ${knownNames(name, builtIn)}, and a task of your own is given by the path of its file`,
      )
    }
    const description = { task: isTaskFile(name) ? path.resolve(name) : name }
    return index === 0 && options !== undefined
      ? { ...description, options: parseOptions(options) }
      : description
  })
}

function parseOptions(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new EverlearnError(
      'USAGE',
      `--options is not JSON: ${(cause as Error).message}; wanted is an object such as '{"probability": 0.2}'`,
      { cause },
    )
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new EverlearnError(
    'USAGE',
    `--options is ${text}; wanted is an object such as '{"probability": 0.2}'`,
  )
}

/** Found out before the work is done, not after it. */
function checkPlace(file: string, force: boolean): void {
  const folder = path.dirname(path.resolve(file))
  if (!existsSync(folder))
    throw new EverlearnError(
      'OUT_UNWRITABLE',
      `${folder} does not exist; make it, or choose another place for ${file}`,
    )
  if (!existsSync(file)) return
  if (!statSync(file).isFile())
    throw new EverlearnError('OUT_EXISTS', `${file} exists and is no file; choose another name`)
  if (!force)
    throw new EverlearnError('OUT_EXISTS', `${file} exists; choose another name, or replace it with --force`)
}

async function writePage(file: string, page: string): Promise<void> {
  try {
    await writeDurably(path.resolve(file), page)
  } catch (cause) {
    throw new EverlearnError(
      'OUT_UNWRITABLE',
      `cannot write ${file}: ${(cause as Error).message}; see to room and permissions, or choose another place`,
      { cause },
    )
  }
}
