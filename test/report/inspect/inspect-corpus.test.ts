import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { assembleStep } from '../../../lib/data/assemble.ts'
import { builtInTaskNames } from '../../../lib/data/load-task.ts'
import { closeSource, openSource } from '../../../lib/data/source.ts'
import { inspectCorpus } from '../../../lib/report/inspect/inspect-corpus.ts'
import { piecesOf } from '../../helpers/memory-corpus.ts'
import { tinyCorpus } from '../../helpers/tiny-run.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'everlearn-inspect-'))
const corpus = path.join(folder, 'corpus/train')
const parity = fileURLToPath(new URL('../../fixtures/tasks/parity.ts', import.meta.url))
const tasks = [{ task: 'sentence-distance' }, { task: 'knowledge-masking' }, { task: parity }]

test.before(() => tinyCorpus(folder))
test.after.always(() => rmSync(folder, { recursive: true }))

test('samples are the inputs of the first step of training', async (t) => {
  const options = { seed: 5, maxLength: 48 }
  const { samples } = await inspectCorpus({ ...options, corpus, tasks, count: 8 })
  const source = await openSource({ ...options, corpora: [{ name: 'corpus', directory: corpus }], tasks })
  // What the trainer would be given: packed, and so without the words and spans that samples have.
  const step = assembleStep(
    source,
    {
      step: 0,
      stage: 0,
      sentenceTask: 'sentence-distance',
      taskId: 1,
      tokenTasks: ['knowledge-masking', 'parity'],
      corpus: 'corpus',
      slots: 8,
      progress: 0,
      firstSlot: 0,
    },
    { tokens: 512, sequences: 8, maskedRows: 128 },
  )
  const [batch] = step.microBatches
  t.is(step.microBatches.length, 1)
  t.is(samples?.samples.length, 8)
  const classes = batch.targets.find(({ task }) => task === 'sentence-distance')
  samples?.samples.forEach((sample, slot) => {
    const [start, end] = [batch.offsets[slot], batch.offsets[slot + 1]]
    t.is(sample.length, end - start)
    t.is(sample.label, classes?.labels[slot])
    const seen = sample.segments.flatMap(({ words }) =>
      words.flatMap(({ pieces, seen }) => pieces.map((piece, index) => seen[index] ?? piece)),
    )
    const given = piecesOf(source.corpora.corpus, batch.ids.subarray(start, end))
    t.deepEqual(
      seen,
      given.filter((piece) => piece !== '[CLS]' && piece !== '[SEP]'),
    )
    t.deepEqual(
      sample.segments.map(({ slot: each }) => each),
      [...new Set(batch.segments.subarray(start, end))],
    )
    t.true(
      sample.segments.every(({ words }) =>
        words.every(({ labels }) => labels.parity.every((each) => each !== null)),
      ),
    )
  })
  closeSource(source)
})

test('the words of a sample are those of its place in the corpus', async (t) => {
  const { samples } = await inspectCorpus({ corpus, tasks: [tasks[0]], count: 6 })
  const source = await openSource({
    seed: 1,
    maxLength: 128,
    corpora: [{ name: 'any', directory: corpus }],
    tasks: [],
  })
  for (const { segments } of samples!.samples) {
    for (const { places, words } of segments) {
      const [{ document, start, end, source: name, tokens }] = places
      const found = source.corpora.any.document(document)
      t.is(name, found.source)
      t.is(tokens, found.tokens.length)
      t.deepEqual(
        words.flatMap(({ pieces }) => pieces),
        piecesOf(source.corpora.any, found.tokens.subarray(start, end)),
      )
    }
  }
  closeSource(source)
})

test('the same seed gives the same, another seed something else', async (t) => {
  const look = (seed: number) => inspectCorpus({ corpus, tasks, seed, statistics: true, balanceInputs: 30 })
  const first = await look(1)
  t.deepEqual(await look(1), first)
  t.deepEqual(JSON.parse(JSON.stringify(first)), first)
  t.notDeepEqual((await look(2)).samples, first.samples)
})

test('statistics are of the tasks given and of all built-in ones', async (t) => {
  const { statistics, samples } = await inspectCorpus({ corpus, balanceInputs: 20 })
  t.is(samples, undefined)
  t.deepEqual(
    statistics?.tasks.map(({ task }) => task),
    await builtInTaskNames(),
  )
  const given = await inspectCorpus({
    corpus,
    tasks: [{ task: parity }],
    statistics: true,
    balanceInputs: 20,
  })
  t.deepEqual(
    given.statistics?.tasks.map(({ task }) => task),
    ['parity', ...(await builtInTaskNames())],
  )
  const withOptions = { task: 'knowledge-masking', options: { probability: 0.5 } }
  const often = await inspectCorpus({ corpus, tasks: [withOptions], statistics: true, balanceInputs: 100 })
  const masking = often.statistics?.tasks.find(({ task }) => task === 'knowledge-masking')
  t.true(masking!.labelledShare > 0.4)
  t.deepEqual(often.samples?.tasks[0].options, { probability: 0.5 })
})

const refused: [string, object, string, RegExp][] = [
  [
    'no samples',
    { tasks, count: 0 },
    'OPTION_INVALID',
    /samples is 0; wanted is a whole number of 1 or more/,
  ],
  ['half a sample', { tasks, count: 1.5 }, 'OPTION_INVALID', /samples is 1.5/],
  [
    'inputs that are too long',
    { maxLength: 513 },
    'OPTION_INVALID',
    /513; wanted is a whole number from 16 to 512/,
  ],
  ['a seed below 0', { seed: -1 }, 'OPTION_INVALID', /seed is -1/],
  ['a progress below 0', { progress: -1 }, 'OPTION_INVALID', /progress is -1/],
  ['no corpus', { corpus: path.join(folder, 'none') }, 'CORPUS_MISSING', /none is not a corpus/],
  [
    'two sentence tasks',
    { tasks: [tasks[0], { ...tasks[0], name: 'again' }] },
    'OPTION_INVALID',
    /sentence-distance and again each lay an input out/,
  ],
  ['a task twice', { tasks: [tasks[1], tasks[1]] }, 'TASK_TWICE', /two tasks are called knowledge-masking/],
  [
    'a task that refuses the corpus',
    { tasks: [{ task: 'knowledge-masking', options: { levels: { phrase: 1 } } }] },
    'CORPUS_WITHOUT_SPANS',
    /phrase level, but .* is not annotated/,
  ],
]

for (const [what, options, code, message] of refused) {
  test(`${what}: refused`, async (t) => {
    await t.throwsAsync(inspectCorpus({ corpus, ...options }), { code, message })
  })
}
