/**
 * Opens a corpus of 2 GB and draws batches from it: the time it takes, and the anonymous memory of the process. The
 * corpus is a prepared one whose pieces are listed many times, so its contents are real. Another process makes it, so that
 * what `prepare` has needed is not counted.
 *
 *     npx tsx bench/opening.ts [--data ../shared/data] [--gigabytes 2] [--steps 200]
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { StepPlan } from '../lib/data/batch.ts'
import { openCorpus } from '../lib/data/corpus.ts'
import { writeManifest } from '../lib/data/corpus-writer.ts'
import { readManifest } from '../lib/data/manifest.ts'
import { createPipeline } from '../lib/data/pipeline.ts'
import { prepare } from '../lib/data/prepare.ts'
import { verifyCorpora } from '../lib/data/verify-corpora.ts'
import { readVocabulary } from '../lib/tokenizer/vocabulary.ts'

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    gigabytes: { type: 'string', default: '2' },
    steps: { type: 'string', default: '200' },
    /** Told to the process that makes the corpus. */
    make: { type: 'string' },
  },
})

if (options.make === undefined) await measure()
else await makeCorpus(options.make)

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'everlearn-bench-'))
  const directory = join(folder, 'corpus')
  try {
    const args = ['--data', options.data, '--gigabytes', options.gigabytes, '--make', directory]
    const file = fileURLToPath(import.meta.url)
    const made = spawnSync(process.execPath, [...process.execArgv, file, ...args], { stdio: 'inherit' })
    if (made.status !== 0) throw new Error('the corpus could not be made')
    await openAndDraw(directory)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function openAndDraw(directory: string): Promise<void> {
  const before = anonymousMegabytes()
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now()
    openCorpus(directory).close()
    return performance.now() - began
  })
  console.log(`opened in ${times.map((time) => time.toFixed(1)).join(', ')} ms`)
  const verification = verifyCorpora([directory], 'meanwhile')
  const began = performance.now()
  const drawn = await draw(directory, Number(options.steps))
  const seconds = (performance.now() - began) / 1000
  console.log(`${drawn.tokens} tokens drawn in ${seconds.toFixed(1)} s while the contents are checked`)
  console.log(`anonymous memory: ${before} MB before, at most ${drawn.most} MB while batches were drawn`)
  await verification.done
  console.log(`checked in ${((performance.now() - began) / 1000).toFixed(1)} s`)
}

async function makeCorpus(directory: string): Promise<void> {
  const vocabulary = join(options.data, 'vocab/bert-base-uncased-vocab.txt.gz')
  await prepare({
    inputs: [join(options.data, 'pretrain/en-encyclopedia/*.gz')],
    vocabulary,
    out: directory,
    language: 'en',
    lowerCase: true,
  })
  const manifest = readManifest(directory)
  const bytes = Object.values(manifest.pieces[0].files).reduce((sum, file) => sum + file.bytes, 0)
  const copies = Math.ceil((Number(options.gigabytes) * 1e9) / bytes)
  const pieces = Array.from({ length: copies }, (_, copy) => {
    const name = `piece-1${String(copy).padStart(4, '0')}`
    cpSync(join(directory, manifest.pieces[0].directory), join(directory, name), { recursive: true })
    return { ...manifest.pieces[0], directory: name }
  })
  const { tokens, documents } = writeManifest(directory, manifest, readVocabulary(vocabulary), pieces)
  console.log(
    `${((copies * bytes) / 1e9).toFixed(2)} GB in ${copies} pieces: ${documents} documents, ${tokens} tokens`,
  )
}

/** Draws steps with two workers. */
async function draw(directory: string, steps: number): Promise<{ tokens: number; most: number }> {
  const slots = 64
  const plans = Array.from(
    { length: steps },
    (_, step): StepPlan => ({
      step,
      stage: 0,
      progress: 0,
      sentenceTask: 'sentence-distance',
      taskId: 1,
      tokenTasks: ['knowledge-masking'],
      corpus: 'text',
      slots,
      firstSlot: step * slots,
    }),
  )
  const pipeline = createPipeline({
    source: {
      seed: 1,
      maxLength: 512,
      corpora: [{ name: 'text', directory }],
      tasks: [{ task: 'knowledge-masking' }, { task: 'sentence-distance' }],
    },
    limits: { tokens: 8192, sequences: 64, maskedRows: 2048 },
    plans,
    workers: 2,
  })
  let tokens = 0
  let most = 0
  for (let step = await pipeline.next(); step !== null; step = await pipeline.next()) {
    tokens += step.tokens
    step.release()
    most = Math.max(most, anonymousMegabytes())
  }
  await pipeline.close()
  return { tokens, most }
}

/** Memory that belongs to no file, in MB; mapped corpora are not in it. */
function anonymousMegabytes(): number {
  const anonymous = /^Anonymous:\s+(\d+) kB/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))
  return Math.round((1024 * Number(anonymous?.[1])) / 1e6)
}
