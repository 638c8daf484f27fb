/**
 * Whether each pre-training task alone is learned: a mini encoder is trained on one task for some minutes and judged on
 * held-out documents beside what can be had without learning. Prints the rows of a Markdown table.
 *
 *     npx tsx bench/tasks.ts --task NAME|all [--minutes 6 | --tokens N] [--from masking|CHECKPOINT]
 *         [--masking-tokens N] [--data ../shared/data] [--ir ROWS.tsv] [--json FILE]
 *
 * `--tokens` trains on so many instead, whatever time it takes. `--from masking` starts from an encoder that was first
 * trained for as long, or on `--masking-tokens`, to predict masked words of text in the same language. Prepared text and
 * that encoder are kept in .cache/bench-tasks/ (remove it to have them made again). English ir-relevance wants `--ir`: what
 * `npx tsx bench/ir-rows.ts cranfield ../shared/data/ir/cranfield ROWS.tsv` writes.
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
import '../tasks/index.ts'

/** What is prepared; paths start from the folder of the data. */
type Text = Pick<
  PrepareOptions,
  'inputs' | 'format' | 'pairs' | 'vocabulary' | 'language' | 'skipBadLines'
> & {
  /** The text whose masking an encoder learns first. */
  masking: string
  /** Where it is judged, if that is not a part of the inputs: other documents, so that nothing is known by heart. */
  heldOut?: string[]
  /** Of the inputs, where there is no `heldOut`. */
  heldOutShare?: number
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
  questions: {
    inputs: ['glue/QNLI/train.tsv.gz', 'glue/QNLI/train_part2.tsv.gz'],
    heldOut: ['glue/QNLI/dev.tsv.gz'],
    vocabulary: 'vocab/ernie-2.0-vocab_en.txt.gz',
    language: 'en',
    masking: 'english',
    // A question and a sentence of the passage that answers it: whether it is this sentence.
    pairs: {
      first: 'question',
      second: 'sentence',
      label: 'label',
      labels: { entailment: 'clicked', not_entailment: 'shown' },
    },
  },
  abstracts: {
    // Rows of Cranfield 1400, made by bench/ir-rows.ts: query, title, clicked or shown.
    inputs: [],
    heldOutShare: 0.15,
    vocabulary: 'vocab/ernie-2.0-vocab_en.txt.gz',
    language: 'en',
    masking: 'english',
    pairs: { first: 'query', second: 'title', label: 'label' },
  },
  units: {
    inputs: ['discourse/disrpt2023-eng.dep.scidtb/eng.dep.scidtb_train.rels.gz'],
    heldOut: ['discourse/disrpt2023-eng.dep.scidtb/eng.dep.scidtb_dev.rels.gz'],
    format: 'tsv',
    vocabulary: 'vocab/ernie-2.0-vocab_en.txt.gz',
    language: 'en',
    masking: 'english',
    pairs: { first: 'unit1_txt', second: 'unit2_txt', label: 'label' },
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
  task: string
  text: keyof typeof texts
  metric: keyof typeof metrics
  /** Of the task itself. */
  options?: object
  /** The task's classes are the labels of the text. */
  classesOfText?: boolean
  /** Peak for an encoder that has learned already; half of what all have by default. */
  learningRate?: number
}

const benches: Record<string, Bench> = {
  'knowledge-masking': { task: 'knowledge-masking', text: 'english', metric: 'loss' },
  capitalization: { task: 'capitalization', text: 'english', metric: 'f1' },
  'token-document': { task: 'token-document', text: 'english', metric: 'f1' },
  'sentence-reordering': { task: 'sentence-reordering', text: 'english', metric: 'groups' },
  'sentence-distance': { task: 'sentence-distance', text: 'english', metric: 'f1' },
  'discourse-relation': { task: 'discourse-relation', text: 'english', metric: 'f1' },
  'discourse-relation-units': {
    task: 'discourse-relation',
    text: 'units',
    metric: 'f1',
    classesOfText: true,
  },
  'ir-relevance': { task: 'ir-relevance', text: 'abstracts', metric: 'f1', learningRate: 2e-4 },
  'ir-relevance-questions': { task: 'ir-relevance', text: 'questions', metric: 'f1', learningRate: 2e-4 },
  'ir-relevance-chinese': { task: 'ir-relevance', text: 'queries', metric: 'f1' },
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
    'masking-tokens': { type: 'string' },
    ir: { type: 'string' },
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
const ofData = (file: string): string => path.join(given.data, file)

function rowsFile(): string {
  if (given.ir !== undefined) return given.ir
  throw new Error(
    'the rows of ir-relevance are wanted: --ir ROWS.tsv, which bench/ir-rows.ts makes of Cranfield',
  )
}

/** Folder of a prepared text, with `train` and `held-out`. */
async function textFolder(name: string): Promise<string> {
  const folder = path.join(cache, name)
  try {
    for (const part of ['train', 'held-out']) openCorpus(path.join(folder, part)).close()
  } catch {
    const { masking, inputs, heldOut, heldOutShare = 0.05, vocabulary, ...rest } = texts[name]
    const files = name === 'abstracts' ? [path.resolve(rowsFile())] : inputs.map(ofData)
    const make = async (files: string[], out: string, share = 0) => {
      const { counts } = await prepare({
        ...rest,
        inputs: files,
        vocabulary: ofData(vocabulary),
        out,
        lowerCase: true,
        heldOut: share,
        force: true,
      })
      console.error(`prepared ${out}: ${counts.documents} documents, ${counts.tokens} tokens`)
    }
    if (heldOut) {
      await make(files, path.join(folder, 'train'))
      await make(heldOut.map(ofData), path.join(folder, 'held-out'))
    } else await make(files, folder, heldOutShare)
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

/** Trains one task on the tokens, or for about the minutes where these are null. */
async function trainTask(
  {
    task,
    text,
    options,
    classesOfText,
    learningRate = settings.schedule.learningRate / 2,
  }: Omit<Bench, 'metric'>,
  encoder: Plan['encoder'],
  run: string,
  tokens: number | null,
): Promise<Trained> {
  const folder = await textFolder(text)
  const labels = classesOfText ? { labels: labelsOf(path.join(folder, 'train')) } : {}
  const plan = {
    ...settings,
    name: task,
    encoder,
    // What an encoder has learned survives a lower rate only.
    ...(typeof encoder === 'object' && {
      schedule: { ...settings.schedule, learningRate },
    }),
    corpora: { [text]: { path: path.join(folder, 'train'), tasks: [task] } },
    tasks: [{ task, ...labels, ...options }],
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
  const { masking } = texts[text]
  const run = path.join(
    cache,
    `masking-${masking}-${maskingTokens === null ? `${minutes}-minutes` : `${maskingTokens}-tokens`}`,
  )
  if (!(await isFinished(run))) {
    await trainTask({ task: 'knowledge-masking', text: masking }, settings.encoder, run, maskingTokens)
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
  const run = path.join(cache, `run-${name}`)
  const encoder = await encoderFor(bench.text)
  const { evaluations, tokens, tokensPerSecond } = await trainTask(bench, encoder, run, wantedTokens)
  rmSync(run, { recursive: true })
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
