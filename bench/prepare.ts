/**
 * Speed and memory of `prepare` on real text: English, Chinese, with and without annotation, and Wikipedia-like Parquet.
 * Each case runs in a process of its own, twice; the second time counts, when the files are in memory.
 *
 *     npx tsx bench/prepare.ts [--data ../shared/data] [--threads 2] [--only english] [--rows 200000]
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { type PrepareReport, prepare } from '../lib/data/prepare.ts'
import { createRandom } from '../lib/data/random.ts'
import { createParquetWriter } from '../test/helpers/write-parquet.ts'

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    rows: { type: 'string', default: '200000' },
    /** Told to the processes of the cases. */
    case: { type: 'string' },
    out: { type: 'string' },
  },
})

interface Case {
  name: string
  language: 'en' | 'zh'
  vocabulary: string
  inputs: string[]
  annotate: boolean
}

interface Outcome {
  report: PrepareReport
  /** Of the process, in bytes. */
  peak: number
  /** Seconds that all its threads computed, start included. */
  busy: number
}

const folder = options.out ?? mkdtempSync(join(tmpdir(), 'everlearn-bench-'))
const parquet = join(folder, 'wikipedia.parquet')
const english = { language: 'en', vocabulary: 'vocab/bert-base-uncased-vocab.txt.gz' } as const
const chinese = { language: 'zh', vocabulary: 'vocab/ernie-vocab_zh.txt.gz' } as const
const text = (pattern: string) => [join(options.data, pattern)]
const cases: Case[] = [
  { name: 'english', ...english, inputs: text('pretrain/en-*/*.gz'), annotate: false },
  { name: 'chinese', ...chinese, inputs: text('pretrain/zh-*/*.gz'), annotate: false },
  { name: 'english annotated', ...english, inputs: text('pretrain/en-dialog/*.gz'), annotate: true },
  { name: 'chinese annotated', ...chinese, inputs: text('pretrain/zh-news/*.gz'), annotate: true },
  { name: 'parquet', ...english, inputs: [parquet], annotate: false },
]

if (options.case === undefined) await runAll()
else await runOne(cases.find(({ name }) => name === options.case) as Case)

async function runAll(): Promise<void> {
  const chosen = cases.filter(({ name }) => name.includes(options.only))
  console.log(
    '| text | MB | documents | seconds | CPU seconds | MB/s | peak memory |\n| --- | --- | --- | --- | --- | --- | --- |',
  )
  try {
    for (const { name } of chosen) {
      if (name === 'parquet') writeWikipedia(parquet, Number(options.rows))
      const outcomes = [inProcess(name), inProcess(name)]
      const { report, peak, busy } = outcomes[1]
      const { bytes, counts, seconds, megabytesPerSecond } = report
      console.log(
        `| ${name} | ${(bytes / 1e6).toFixed(1)} | ${counts.documents} | ${seconds.toFixed(1)} | ${busy.toFixed(1)} | ` +
          `${megabytesPerSecond.toFixed(1)} | ${Math.round(peak / 1e6)} MB |`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function inProcess(name: string): Outcome {
  const file = fileURLToPath(import.meta.url)
  const args = ['--case', name, '--out', folder, '--data', options.data, '--threads', options.threads]
  const run = spawnSync(process.execPath, [...process.execArgv, file, ...args], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`${name}: ${run.stderr}`)
  return JSON.parse(run.stdout)
}

async function runOne({ language, vocabulary, inputs, annotate }: Case): Promise<void> {
  const report = await prepare({
    inputs,
    vocabulary: join(options.data, vocabulary),
    out: join(folder, 'corpus'),
    language,
    lowerCase: true,
    heldOut: 0.02,
    annotate,
    threads: Number(options.threads),
    force: true,
  })
  const peak = 1024 * process.resourceUsage().maxRSS
  const { user, system } = process.cpuUsage()
  console.log(JSON.stringify({ report, peak, busy: (user + system) / 1e6 } satisfies Outcome))
}

/** Rows of an id, a title and an article of a few paragraphs of the encyclopedia, a thousand a row group. */
function writeWikipedia(path: string, rows: number): void {
  const sample = join(options.data, 'pretrain/en-encyclopedia/enwiki-2015-sample.txt.gz')
  const paragraphs = gunzipSync(readFileSync(sample)).toString().split('\n').filter(Boolean)
  const random = createRandom(1, 'articles')
  const article = () =>
    Array.from({ length: 1 + random.below(6) }, () => paragraphs[random.below(paragraphs.length)]).join(
      '\n\n',
    )
  const writer = createParquetWriter()
  const file = openSync(path, 'w')
  for (let start = 0; start < rows; start += 1000) {
    const ids = Array.from({ length: Math.min(1000, rows - start) }, (_, index) => start + index)
    const columns = [
      { name: 'id', values: ids },
      { name: 'title', values: ids.map((id) => `Article ${id}`) },
      { name: 'text', values: ids.map(article) },
    ]
    writeSync(file, writer.rowGroup(columns))
  }
  writeSync(file, writer.end())
  closeSync(file)
}
