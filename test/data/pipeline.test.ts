import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import { assembleStep } from '../../lib/data/assemble.ts'
import type { StepBatch, StepPlan } from '../../lib/data/batch.ts'
import { createPipeline, type Pipeline } from '../../lib/data/pipeline.ts'
import { prepare } from '../../lib/data/prepare.ts'
import { closeSource, openSource, type SourceDescription } from '../../lib/data/source.ts'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { smallVocabulary } from '../helpers/corpus.ts'

const folder = mkdtempSync(join(tmpdir(), 'everlearn-pipeline-'))
const directory = join(folder, 'corpus')
const limits = { tokens: 512, sequences: 16, maskedRows: 256 }

const source: SourceDescription = {
  seed: 3,
  maxLength: 64,
  corpora: [{ name: 'books', directory }],
  tasks: [
    { task: 'knowledge-masking' },
    { task: 'sentence-distance' },
    { task: fileURLToPath(new URL('../fixtures/tasks/parity.ts', import.meta.url)), options: { classes: 3 } },
  ],
}

function plans(count: number, change: Partial<StepPlan> = {}): StepPlan[] {
  return Array.from({ length: count }, (_, step) => ({
    step,
    stage: 0,
    progress: 0,
    sentenceTask: step % 2 ? 'sentence-distance' : null,
    taskId: step % 2,
    tokenTasks: ['knowledge-masking', 'parity'],
    corpus: 'books',
    slots: 10 + 7 * (step % 5),
    firstSlot: 40 * step,
    ...change,
  }))
}

test.before(async () => {
  const words = ['river', 'stone', 'house', 'tree', 'cloud', 'door', 'road', 'light', 'bread', 'hand']
  const sentence = (seed: number) =>
    `The ${Array.from({ length: 3 + (seed % 9) }, (_, i) => words[(seed * 7 + i * (1 + (seed % 3))) % 10]).join(' ')}.`
  const documents = Array.from({ length: 12 }, (_, document) =>
    Array.from({ length: 5 + document }, (_, i) => sentence(31 * document + i)).join(' '),
  )
  writeFileSync(join(folder, 'text.txt'), documents.join('\n\n'))
  writeFileSync(join(folder, 'vocab.txt'), vocabularyText(smallVocabulary(['the', ...words])))
  await prepare({
    inputs: [join(folder, 'text.txt')],
    vocabulary: join(folder, 'vocab.txt'),
    out: directory,
    language: 'en',
    lowerCase: true,
  })
})

/** All steps, copied, each released at once. */
async function readAll(pipeline: Pipeline): Promise<object[]> {
  const steps: object[] = []
  for (let step = await pipeline.next(); step !== null; step = await pipeline.next()) {
    steps.push(contents(step))
    step.release()
  }
  return steps
}

const contents = ({ release, ...batch }: StepBatch) =>
  JSON.parse(JSON.stringify(batch, (_, value) => (value instanceof Int32Array ? [...value] : value)))

test('steps are the same, in order, for any number of workers and slots', async (t) => {
  const opened = await openSource(source)
  const expected = plans(25).map((plan) => contents(assembleStep(opened, plan, limits)))
  closeSource(opened)
  for (const [workers, slots] of [[0], [1, 1], [2], [3, 7]]) {
    const pipeline = createPipeline({ source, limits, plans: plans(25), workers, slots })
    t.true(isDeepStrictEqual(await readAll(pipeline), expected), `${workers} workers`)
    t.is(await pipeline.next(), null)
    await pipeline.close()
  }
})

test('no more steps are in memory than there are slots, and releasing one makes room', async (t) => {
  let asked = 0
  function* counted() {
    for (const plan of plans(100)) {
      asked++
      yield plan
    }
  }
  const pipeline = createPipeline({ source, limits, plans: counted(), workers: 1, slots: 3 })
  const held = [await pipeline.next(), await pipeline.next(), await pipeline.next()]
  t.is(asked, 3)
  await t.throwsAsync(pipeline.next(), { message: /all 3 steps in memory are held/ })
  const before = contents(held[1]!)
  held[0]?.release()
  held[0]?.release()
  t.is(asked, 4)
  t.is((await pipeline.next())?.step, 3)
  t.deepEqual(contents(held[1]!), before, 'a step that is held is not written over')
  await pipeline.close()
})

test('memory grows with the steps and is used again', async (t) => {
  const sizes = [1, 60, 3, 80, 2, 80].map((slots, step) => ({ ...plans(1)[0], step, slots }))
  const pipeline = createPipeline({ source, limits, plans: sizes, workers: 1, slots: 1 })
  const buffers: ArrayBufferLike[] = []
  for (let step = await pipeline.next(); step !== null; step = await pipeline.next()) {
    buffers.push(step.microBatches[0].ids.buffer)
    step.release()
  }
  t.true(buffers.every((buffer) => buffer instanceof SharedArrayBuffer))
  t.is(new Set(buffers.map(({ byteLength }) => byteLength)).size, 3)
  await pipeline.close()
})

for (const workers of [0, 1]) {
  test(`an error in a step comes with its code when its turn is, with ${workers} workers`, async (t) => {
    const broken = plans(6).map((plan) => (plan.step === 3 ? { ...plan, slots: 0 } : plan))
    const pipeline = createPipeline({ source, limits, plans: broken, workers })
    for (const step of [0, 1, 2]) {
      const batch = await pipeline.next()
      t.is(batch?.step, step)
      batch?.release()
    }
    await t.throwsAsync(pipeline.next(), { message: /a step of 0 slots/ })
    await pipeline.close()
  })

  test(`what is wrong with tasks and corpora is said with its code, with ${workers} workers`, async (t) => {
    const wrong: [Partial<SourceDescription>, string][] = [
      [{ tasks: [{ task: 'unheard-of' }] }, 'TASK_UNKNOWN'],
      [{ tasks: [...source.tasks, { task: 'sentence-distance' }] }, 'TASK_TWICE'],
      [{ corpora: [...source.corpora, ...source.corpora] }, 'CORPUS_TWICE'],
      [{ corpora: [{ name: 'books', directory: folder }] }, 'CORPUS_MISSING'],
      [{ tasks: [{ task: 'knowledge-masking', options: { probability: -1 } }] }, 'TASK_OPTIONS'],
    ]
    for (const [change, code] of wrong) {
      const pipeline = createPipeline({ source: { ...source, ...change }, limits, plans: plans(3), workers })
      const error = await t.throwsAsync(pipeline.next(), { code, name: 'EverlearnError' })
      t.true(error.message.length > 20)
      await pipeline.close()
    }
  })
}

test('a worker that ends by itself is an error, not a wait without end', async (t) => {
  const path = join(folder, 'deadly.mjs')
  writeFileSync(
    path,
    `export default () => ({ kind: 'token', name: 'deadly', head: { kind: 'masked-language-model' },
      annotate() { process.exit(3) } })`,
  )
  const tasks = [...source.tasks, { task: path }]
  const deadly = plans(4, { tokenTasks: ['deadly'] })
  const pipeline = createPipeline({ source: { ...source, tasks }, limits, plans: deadly, workers: 2 })
  await t.throwsAsync(pipeline.next(), { code: 'WORKER_LOST', message: /exit code 3/ })
  await t.throwsAsync(pipeline.next(), { code: 'WORKER_LOST' })
  await pipeline.close()
})

test('a closed pipeline gives nothing, and wakes who waits', async (t) => {
  const pipeline = createPipeline({ source, limits, plans: plans(50), workers: 1 })
  const waiting = t.throwsAsync(pipeline.next(), { message: /closed/ })
  await pipeline.close()
  await waiting
  await t.throwsAsync(pipeline.next(), { message: /closed/ })
  await pipeline.close()
})
