/**
 * Speed and memory of batch assembly: masking, capitalization and token–document labels on inputs of sentence
 * distance, by 0, 1 and 2 worker threads.
 *
 *     npx tsx bench/assembly.ts [--input FILE] [--vocabulary FILE] [--steps 200] [--length 128] [--join 1] [--workers 0,1,2] [--minutes 0]
 *
 * `--join 40` makes one document of 40, for text whose documents are long. `--minutes 60` goes on so long instead of
 * `--steps`, and tells the memory of the process twenty times.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { createPipeline, openCorpus, prepare, type SourceDescription, type StepPlan } from '../lib/index.ts'

const sample = (file: string) =>
  fileURLToPath(new URL(`../examples/quickstart/data/${file}.gz`, import.meta.url))
const { values: options } = parseArgs({
  options: {
    input: { type: 'string', default: sample('encyclopedia.txt') },
    vocabulary: { type: 'string', default: sample('vocab.txt') },
    steps: { type: 'string', default: '200' },
    length: { type: 'string', default: '128' },
    join: { type: 'string', default: '1' },
    workers: { type: 'string', default: '0,1,2' },
    minutes: { type: 'string', default: '0' },
  },
})
const minutes = Number(options.minutes)
const steps = minutes > 0 ? Number.POSITIVE_INFINITY : Number(options.steps)
const maxLength = Number(options.length)
const warmUp = 20
const tokensPerStep = 16384
const tokenTasks = ['knowledge-masking', 'capitalization', 'token-document']

/** The documents of a text file, `join` of them made one. */
function joinDocuments(file: string, join: number): string {
  const documents = gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split(/\n{2,}/)
  const joined: string[] = []
  for (let index = 0; index < documents.length; index += join) {
    joined.push(documents.slice(index, index + join).join('\n'))
  }
  return joined.join('\n\n')
}

function* plans(): Generator<StepPlan> {
  const slots = Math.round(tokensPerStep / maxLength)
  for (let step = 0; step < warmUp + steps; step++) {
    yield {
      step,
      stage: 0,
      progress: 0,
      sentenceTask: 'sentence-distance',
      taskId: 1,
      tokenTasks,
      corpus: 'text',
      slots,
      firstSlot: step * slots,
    }
  }
}

/** Memory of the process that is no file's, in MB. */
function anonymousMegabytes(): number {
  const kilobytes = /RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

/** Tells memory at twenty equal intervals of `minutes`, and when they are over. */
function createWatch(began: number) {
  const interval = (minutes * 60_000) / 20
  let told = 0
  return (step: number, tokens: number): boolean => {
    if (minutes === 0 || performance.now() - began < (told + 1) * interval) return false
    told++
    const resident = process.memoryUsage.rss() / 2 ** 20
    console.log(
      `after ${((told * interval) / 60_000).toFixed(1)} minutes, ${step} steps, ${tokens} tokens: ` +
        `${resident.toFixed(0)} MB resident, ${anonymousMegabytes().toFixed(0)} MB anonymous`,
    )
    return told === 20
  }
}

async function measure(source: SourceDescription, workers: number): Promise<string> {
  const pipeline = createPipeline({
    source,
    limits: { tokens: 4096, sequences: 512, maskedRows: 1024 },
    plans: plans(),
    workers,
  })
  let tokens = 0
  let begin = 0
  let before = 0
  let cpu = process.cpuUsage()
  const isOver = createWatch(performance.now())
  for (let step = 0; ; step++) {
    if (step === warmUp) {
      begin = performance.now()
      cpu = process.cpuUsage()
      before = anonymousMegabytes()
    }
    const batch = await pipeline.next()
    if (!batch) break
    if (step >= warmUp) tokens += batch.tokens
    batch.release()
    if (isOver(step, tokens)) break
  }
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const nanoseconds = ((user + system) * 1000) / tokens
  const after = anonymousMegabytes()
  await pipeline.close()
  const cells = [
    workers,
    tokens,
    Math.round(tokens / seconds),
    nanoseconds.toFixed(0),
    before.toFixed(0),
    after.toFixed(0),
  ]
  return `| ${cells.join(' | ')} |`
}

const folder = mkdtempSync(path.join(tmpdir(), 'everlearn-bench-'))
try {
  const text = path.join(folder, 'text.txt')
  const directory = path.join(folder, 'corpus')
  writeFileSync(text, joinDocuments(options.input, Number(options.join)))
  await prepare({
    inputs: [text],
    vocabulary: options.vocabulary,
    out: directory,
    language: 'en',
    lowerCase: true,
  })
  const { counts } = openCorpus(directory).manifest
  console.log(
    `${counts.documents} documents of ${Math.round(counts.tokens / counts.documents)} tokens, inputs of up to ${maxLength}\n\n` +
      '| workers | tokens | tokens/s | ns of processor time a token, all threads | anonymous MB after warm-up | at the end |\n| --- | --- | --- | --- | --- | --- |',
  )
  const source: SourceDescription = {
    seed: 1,
    maxLength,
    corpora: [{ name: 'text', directory }],
    tasks: [...tokenTasks, 'sentence-distance'].map((task) => ({ task })),
  }
  for (const workers of options.workers.split(',')) console.log(await measure(source, Number(workers)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
