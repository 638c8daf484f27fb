/**
 * Whether each pre-training task alone is learned: a mini encoder is trained on one task for some minutes and judged on
 * held-out documents beside what can be had without learning. Prints the rows of a Markdown table.
 *
 *     npx tsx bench/tasks.ts --task NAME|all [--minutes 6 | --tokens N] [--from masking|CHECKPOINT]
 *         [--masking-tokens N] [--keep FOLDER] [--data ../shared/data] [--json FILE]
 *
 * `--tokens` trains on so many instead, whatever time it takes. `--from masking` starts from an encoder that was first
 * trained for as long, or on `--masking-tokens`, to predict masked words of text in the same language. Prepared text and
 * that encoder are kept in .cache/bench-tasks/ (remove it to have them made again). `--keep` leaves each run in a folder
 * run-NAME there, so that another task can go on from its checkpoint.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import {
  checkPlan,
  type Evaluation,
  isFinished,
  openCorpus,
  type Plan,
  pretrain,
  showProgress,
} from '../lib/index.ts'
import '../tasks/index.ts'
import { type Bench, benches, type Measured, metrics } from './tasks/benches.ts'
import { maskingText, textFolder, texts } from './tasks/texts.ts'

/** Many small steps with a high rate: what two slow cores learn with in minutes. */
const settings = {
  encoder: 'mini',
  tokensPerStep: 1024,
  maxLength: 128,
  precision: 'float32',
  schedule: { type: 'linear', learningRate: 1e-3, warmup: 100 },
  checkpoint: { every: 0 },
  evaluate: { sequences: 4096 },
  dropout: 0.1,
} satisfies Partial<Plan>

/** What an encoder has learned survives a lower rate only. */
const rateOfLearned = 3e-4

/** Steps by which the rate is measured that turns minutes into steps. */
const probeSteps = 60
const cache = path.resolve('.cache/bench-tasks')

const { values: given } = parseArgs({
  options: {
    task: { type: 'string', default: 'all' },
    minutes: { type: 'string', default: '6' },
    tokens: { type: 'string' },
    from: { type: 'string' },
    data: { type: 'string', default: '../shared/data' },
    'masking-tokens': { type: 'string' },
    keep: { type: 'string' },
    json: { type: 'string' },
  },
})
const numberOf = (name: 'minutes' | 'tokens' | 'masking-tokens'): number | null => {
  const text = given[name]
  if (text === undefined) return null
  if (Number(text) > 0) return Number(text)
  throw new Error(`--${name} is ${text}; a number above 0 is wanted`)
}
const minutes = numberOf('minutes') as number
const wantedTokens = numberOf('tokens')
const maskingTokens = numberOf('masking-tokens') ?? wantedTokens

interface Trained {
  evaluations: Evaluation[]
  checkpoint: string
  tokens: number
  tokensPerSecond: number
}

async function train(plan: Plan, run: string): Promise<Trained> {
  rmSync(run, { recursive: true, force: true })
  const { trainer, close } = await pretrain(checkPlan(plan, cache), run)
  try {
    showProgress(trainer.events)
    const { checkpoint, tokensPerSecond } = await trainer.run()
    const { evaluations, tokens } = trainer.session.state
    return { evaluations, checkpoint, tokens, tokensPerSecond }
  } finally {
    close()
  }
}

/** Trains one task on the tokens, or for about the minutes where these are null. */
async function trainTask(
  bench: Omit<Bench, 'metric'>,
  encoder: Plan['encoder'],
  run: string,
  tokens: number | null,
): Promise<Trained> {
  const { task, text, classes, beside = [], learningRate = rateOfLearned } = bench
  const { maxLength = settings.maxLength, dropout = settings.dropout } = bench
  const folder = await textFolder(text, { data: given.data, cache })
  const labels = classes === 'labels of the text' ? labelsOf(path.join(folder, 'train')) : classes
  const tasks = [task, ...beside]
  const plan = {
    ...settings,
    name: task,
    encoder,
    maxLength,
    dropout,
    ...(typeof encoder === 'object' && { schedule: { ...settings.schedule, learningRate } }),
    method: 'multi-task' as const,
    corpora: { [text]: { path: path.join(folder, 'train'), tasks } },
    tasks: [{ task, ...(labels && { labels }) }, ...beside],
  }
  let wanted = tokens
  if (wanted === null) {
    const { tokensPerSecond } = await train({ ...plan, iterations: probeSteps }, run)
    wanted = 60 * minutes * tokensPerSecond
  }
  const iterations = Math.ceil(wanted / plan.tokensPerStep)
  const heldOut = { [text]: { path: path.join(folder, 'held-out'), tasks: [task] } }
  return train({ ...plan, heldOut, iterations }, run)
}

function labelsOf(directory: string): string[] {
  const corpus = openCorpus(directory)
  try {
    return [...corpus.labels]
  } finally {
    corpus.close()
  }
}

/** The encoder that `--from` asks for. */
async function encoderFor(text: keyof typeof texts): Promise<Plan['encoder']> {
  if (given.from === undefined) return settings.encoder
  if (given.from !== 'masking') return { from: path.resolve(given.from) }
  const masking = maskingText[texts[text].language]
  const run = path.join(
    cache,
    `masking-${masking}-${maskingTokens === null ? `${minutes}-minutes` : `${maskingTokens}-tokens`}`,
  )
  if (!(await isFinished(run))) {
    await trainTask({ ...benches['knowledge-masking'], text: masking }, settings.encoder, run, maskingTokens)
  }
  const latest = readFileSync(path.join(run, 'latest'), 'utf8').trim()
  return { from: path.join(run, 'checkpoints', latest) }
}

interface Row extends Measured {
  task: string
  tokens: number
  minutes: number
  from: string
}

async function measure(name: string): Promise<Row[]> {
  const bench = benches[name]
  const run = path.resolve(given.keep ?? cache, `run-${name}`)
  const encoder = await encoderFor(bench.text)
  const { evaluations, tokens, tokensPerSecond } = await trainTask(bench, encoder, run, wantedTokens)
  if (given.keep === undefined) rmSync(run, { recursive: true })
  const trained = { tokens, minutes: tokens / tokensPerSecond / 60, from: given.from ?? 'scratch' }
  return metrics[bench.metric](evaluations[0]).map((measured) => ({ task: name, ...measured, ...trained }))
}

const tasks = given.task === 'all' ? Object.keys(benches) : [given.task]
const unknown = tasks.find((task) => !Object.hasOwn(benches, task))
if (unknown !== undefined)
  throw new Error(`there is no task "${unknown}" here; there are ${Object.keys(benches).join(', ')}`)
mkdirSync(cache, { recursive: true })
const rows: Row[] = []
console.log('| task | metric | without learning | reached | tokens | minutes | from |')
console.log('| --- | --- | --- | --- | --- | --- | --- |')
for (const task of tasks) {
  const measured = await measure(task)
  rows.push(...measured)
  for (const { metric, baseline, baselineName, reached, tokens, minutes, from } of measured) {
    const figures = [`${baseline.toFixed(3)} (${baselineName})`, reached.toFixed(3)]
    const cells = [task, metric, ...figures, `${(tokens / 1e6).toFixed(2)} M`, minutes.toFixed(1), from]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
if (given.json) writeFileSync(given.json, `${JSON.stringify(rows, null, 1)}\n`)
