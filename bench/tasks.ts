/**
 * Whether each pre-training task alone is learned: a mini encoder is trained on one task for some minutes and judged on
 * held-out documents beside what can be had without learning. Prints the rows of a Markdown table.
 *
 *     npx tsx bench/tasks.ts --task NAME|all [--minutes 6 | --tokens N] [--from masking|CHECKPOINT]
 *         [--data ../shared/data] [--json FILE]
 *
 * `--tokens` trains on so many instead, whatever time it takes. `--from masking` starts from an encoder that was first
 * trained for as long to predict masked words of text in the same language. Prepared text and that encoder are kept in
 * .cache/bench-tasks/ (remove it to have them made again).
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import {
  checkPlan,
  type Evaluation,
  headlineF1,
  isFinished,
  openCorpus,
  type Plan,
  type PrepareOptions,
  prepare,
  pretrain,
  showProgress,
} from '../lib/index.ts'
import { pretrainingTasks } from '../tasks/index.ts'

/** What is prepared; paths start from the folder of the data. */
type Text = Pick<PrepareOptions, 'inputs' | 'vocabulary' | 'language' | 'skipBadLines'> & {
  /** The text whose masking an encoder learns first. */
  masking: string
  /** Columns of labelled pairs. */
  pairs?: { first: string; second: string; label: string; labels: Record<string, string> }
}

const texts: Record<string, Text> = {
  english: {
    inputs: [
      'pretrain/en-encyclopedia/enwiki-2015-sample.txt.gz',
      'pretrain/en-books/classic-books-sample.txt.gz',
    ],
    vocabulary: 'vocab/ernie-2.0-vocab_en.txt.gz',
    language: 'en',
    masking: 'english',
  },
  chinese: {
    inputs: [
      'pretrain/zh-encyclopedia/zhwiki-2019-sample.txt.gz',
      'pretrain/zh-news/lctt-articles-sample.txt.gz',
    ],
    vocabulary: 'vocab/ernie-vocab_zh.txt.gz',
    language: 'zh',
    masking: 'chinese',
  },
  queries: {
    inputs: ['ir/dureader-query-title/query_title.tsv.gz'],
    vocabulary: 'vocab/ernie-vocab_zh.txt.gz',
    language: 'zh',
    masking: 'chinese',
    // Two titles are empty.
    skipBadLines: true,
    pairs: {
      first: 'query',
      second: 'title',
      label: 'is_selected',
      labels: { '1': 'clicked', '0': 'shown' },
    },
  },
}

interface Measured {
  metric: string
  /** What can be had without learning. */
  baseline: number
  baselineName: string
  reached: number
}

/** What is looked at, in the order of a table's rows. */
const metrics = {
  loss: ({ loss, baseline }) => [
    { metric: 'loss', baseline: baseline.loss, baselineName: baseline.name, reached: loss },
  ],
  f1(evaluation) {
    const f1 = headlineF1(evaluation)
    if (!f1) throw new Error(`${evaluation.task} has no classes`)
    const { name, reached, baseline } = f1
    return [{ metric: name, baseline, baselineName: evaluation.baseline.name, reached }]
  },
  groups: ({ groups = [] }) =>
    groups
      // One class alone is always right.
      .filter(({ chance }) => chance < 1)
      .map(({ name, labels, accuracy, chance }) => ({
        metric: `accuracy, ${name} (${labels})`,
        baseline: chance,
        baselineName: 'chance',
        reached: accuracy,
      })),
} satisfies Record<string, (evaluation: Evaluation) => Measured[]>

/** How a task is shown to be learned. */
interface Bench {
  text: keyof typeof texts
  metric: keyof typeof metrics
  /** Of the task itself. */
  options?: object
  /** Instead of those that all have. */
  settings?: Partial<Plan>
}

const benches: Record<string, Bench> = {
  'knowledge-masking': { text: 'english', metric: 'loss' },
  capitalization: { text: 'english', metric: 'f1' },
  'token-document': { text: 'english', metric: 'f1' },
  'sentence-reordering': { text: 'english', metric: 'groups' },
  'sentence-distance': { text: 'english', metric: 'f1' },
  'discourse-relation': { text: 'english', metric: 'f1' },
  'ir-relevance': { text: 'queries', metric: 'f1' },
}

/** Many small steps with a high rate: what two slow cores learn with in minutes. */
const settings = {
  encoder: 'mini',
  tokensPerStep: 1024,
  maxLength: 128,
  precision: 'float32',
  schedule: { type: 'linear', learningRate: 1e-3, warmup: 100 },
  checkpoint: { every: 0 },
  evaluate: { sequences: 2048 },
} satisfies Partial<Plan>

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
    json: { type: 'string' },
  },
})
const minutes = Number(given.minutes)
if (!(minutes > 0)) throw new Error(`--minutes is ${given.minutes}; a number above 0 is wanted`)
const wantedTokens = given.tokens === undefined ? null : Number(given.tokens)
if (wantedTokens !== null && !(wantedTokens > 0))
  throw new Error(`--tokens is ${given.tokens}; a number above 0 is wanted`)

/** Folder of a prepared text, with `train` and `held-out`. */
async function textFolder(name: string): Promise<string> {
  const folder = path.join(cache, name)
  try {
    for (const part of ['train', 'held-out']) openCorpus(path.join(folder, part)).close()
  } catch {
    const { masking, inputs, vocabulary, ...rest } = texts[name]
    const { counts } = await prepare({
      ...rest,
      inputs: inputs.map((file) => path.join(given.data, file)),
      vocabulary: path.join(given.data, vocabulary),
      out: folder,
      lowerCase: true,
      heldOut: 0.05,
      force: true,
    })
    console.error(`prepared ${folder}: ${counts.documents} documents, ${counts.tokens} tokens`)
  }
  return folder
}

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

/** Trains one task on the tokens, or for about the minutes, asked for. */
async function trainTask(
  task: string,
  { text, options, settings: own }: Omit<Bench, 'metric'>,
  encoder: Plan['encoder'],
  run: string,
): Promise<Trained> {
  const folder = await textFolder(text)
  const plan = {
    ...settings,
    ...own,
    name: task,
    encoder,
    // What an encoder has learned survives a lower rate only.
    ...(typeof encoder === 'object' && {
      schedule: { ...settings.schedule, learningRate: settings.schedule.learningRate / 2 },
    }),
    corpora: { [text]: { path: path.join(folder, 'train'), tasks: [task] } },
    tasks: [{ task, ...options }],
  }
  let wanted = wantedTokens
  if (wanted === null) {
    const { tokensPerSecond } = await train({ ...plan, iterations: probeSteps }, run)
    wanted = 60 * minutes * tokensPerSecond
  }
  const iterations = Math.ceil(wanted / plan.tokensPerStep)
  const heldOut = { [text]: { path: path.join(folder, 'held-out'), tasks: [task] } }
  return train({ ...plan, heldOut, iterations }, run)
}

/** The encoder that `--from` asks for. */
async function encoderFor(text: keyof typeof texts): Promise<Plan['encoder']> {
  if (given.from === undefined) return settings.encoder
  if (given.from !== 'masking') return { from: path.resolve(given.from) }
  const { masking } = texts[text]
  const run = path.join(
    cache,
    `masking-${masking}-${wantedTokens === null ? `${minutes}-minutes` : `${wantedTokens}-tokens`}`,
  )
  if (!(await isFinished(run))) await trainTask('knowledge-masking', { text: masking }, settings.encoder, run)
  const latest = readFileSync(path.join(run, 'latest'), 'utf8').trim()
  return { from: path.join(run, 'checkpoints', latest) }
}

interface Row extends Measured {
  task: string
  tokens: number
  minutes: number
  from: string
}

async function measure(task: string): Promise<Row[]> {
  const bench = benches[task]
  const run = path.join(cache, `run-${task}`)
  const encoder = await encoderFor(bench.text)
  const { evaluations, tokens, tokensPerSecond } = await trainTask(task, bench, encoder, run)
  rmSync(run, { recursive: true })
  const trained = { tokens, minutes: tokens / tokensPerSecond / 60, from: given.from ?? 'scratch' }
  return metrics[bench.metric](evaluations[0]).map((measured) => ({ task, ...measured, ...trained }))
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
  if (!Object.hasOwn(pretrainingTasks, task)) {
    console.log(`| ${task} | not among the built-in tasks | | | | | |`)
    continue
  }
  const measured = await measure(task)
  rows.push(...measured)
  for (const { metric, baseline, baselineName, reached, tokens, minutes, from } of measured) {
    const figures = [`${baseline.toFixed(3)} (${baselineName})`, reached.toFixed(3)]
    const cells = [task, metric, ...figures, `${(tokens / 1e6).toFixed(2)} M`, minutes.toFixed(1), from]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
if (given.json) writeFileSync(given.json, `${JSON.stringify(rows, null, 1)}\n`)
