import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import fc from 'fast-check'
import { assembleStep } from '../../lib/data/assemble.ts'
import type { BatchLimits, StepBatch, StepPlan } from '../../lib/data/batch.ts'
import { windowOfSlot } from '../../lib/data/draw.ts'
import { createRandom } from '../../lib/data/random.ts'
import type { DataSource } from '../../lib/data/source.ts'
import type { SentenceTask, TokenTask } from '../../lib/data/task.ts'
import { knowledgeMasking } from '../../tasks/pretrain/knowledge-masking.ts'
import { sentenceDistance } from '../../tasks/pretrain/sentence-distance.ts'
import { memoryCorpus, numberedDocuments, piecesOf } from '../helpers/memory-corpus.ts'

const corpus = memoryCorpus(
  numberedDocuments(
    Array.from({ length: 25 }, (_, document) => 1 + createRandom(7, document).below(30)),
    (document, sentence) => 1 + createRandom(8, document, sentence).below(20),
  ),
)
/** Labels every token with its place modulo 3, and nothing in the first place of a word where it was masked. */
const parity: TokenTask = {
  kind: 'token',
  name: 'parity',
  head: { kind: 'token-classification', classNames: ['0', '1', '2'] },
  annotate(input, _, { taken = new Int32Array() }) {
    const positions = Int32Array.from(input.ids.keys()).filter(
      (position) => input.words[position] >= 0 && !taken.includes(position),
    )
    return { positions, labels: positions.map((position) => position % 3) }
  },
}
const source: DataSource = {
  seed: 11,
  maxLength: 48,
  corpora: { books: corpus },
  tasks: { 'knowledge-masking': knowledgeMasking(), 'sentence-distance': sentenceDistance(), parity },
}
const step: StepPlan = {
  step: 3,
  stage: 1,
  progress: 0,
  sentenceTask: 'sentence-distance',
  taskId: 2,
  tokenTasks: ['parity', 'knowledge-masking'],
  corpus: 'books',
  slots: 40,
  firstSlot: 160,
}
const wide: BatchLimits = { tokens: 4096, sequences: 64, maskedRows: 1024 }

/** What a step says of each slot, whatever the split. */
function bySlot(batch: StepBatch) {
  return batch.microBatches.flatMap((micro) =>
    Array.from({ length: micro.sequences }, (_, sequence) => {
      const [start, end] = [micro.offsets[sequence], micro.offsets[sequence + 1]]
      const tokens = (array: Int32Array) => [...array.slice(start, end)]
      return {
        slot: micro.firstSlot + sequence,
        ids: tokens(micro.ids),
        positions: tokens(micro.positions),
        segments: tokens(micro.segments),
        tasks: tokens(micro.tasks),
        rows: tokens(micro.rows),
        targets: micro.targets.map(({ task, index, labels, rows }) => ({
          task,
          values: [...index.keys()].flatMap((i) =>
            index[i] >= start && index[i] < end ? [[index[i] - start, labels[i], rows[i]]] : [],
          ),
        })),
      }
    }),
  )
}

test('a step in any micro-batches has the same slots, ids, labels and rows', (t) => {
  const whole = assembleStep(source, step, wide)
  const expected = bySlot(whole)
  t.is(expected.length, 40)
  t.is(whole.microBatches.length, 1)
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 48, max: 300 }),
      (blocks, sequences, maskedRows) => {
        const limits = { tokens: 64 * blocks, sequences, maskedRows }
        const split = assembleStep(source, step, limits)
        t.true(isDeepStrictEqual(bySlot(split), expected))
        t.deepEqual([split.counts, split.tokens], [whole.counts, whole.tokens])
        for (const micro of split.microBatches) {
          t.true(micro.tokens <= limits.tokens && micro.sequences <= sequences && micro.sequences > 0)
          t.true(micro.targets.find(({ task }) => task === 'knowledge-masking')!.valid <= maskedRows)
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('a micro-batch is closed only when the next sequence would not fit', (t) => {
  const limits = { tokens: 256, sequences: 5, maskedRows: 48 }
  const { microBatches } = assembleStep(source, step, limits)
  const sizes = bySlot(assembleStep(source, step, wide))
  for (const micro of microBatches.slice(0, -1)) {
    const next = sizes[micro.firstSlot + micro.sequences]
    const masked = micro.targets.find(({ task }) => task === 'knowledge-masking')!.valid
    const more = next.targets.find(({ task }) => task === 'knowledge-masking')!.values.length
    t.true(
      micro.sequences === 5 || micro.tokens + next.ids.length > 256 || masked + more > 48,
      `${micro.sequences} sequences, ${micro.tokens} tokens, ${masked} masked`,
    )
  }
})

test('arrays have the promised lengths, tails and unused places', (t) => {
  const { microBatches } = assembleStep(source, step, { tokens: 256, sequences: 16, maskedRows: 64 })
  for (const micro of microBatches) {
    const length = Math.ceil(micro.tokens / 64) * 64
    for (const array of [micro.ids, micro.positions, micro.segments, micro.tasks, micro.rows])
      t.is(array.length, length)
    t.true(micro.ids.slice(micro.tokens).every((id) => id === -1))
    for (const array of [micro.positions, micro.segments, micro.tasks, micro.rows]) {
      t.true(array.slice(micro.tokens).every((value) => value === 0))
    }
    t.is(micro.offsets.length, 17)
    t.true(micro.offsets.slice(micro.sequences).every((offset) => offset === micro.tokens))
    t.is(micro.offsets[0], 0)
    for (const { index, labels, rows, valid } of micro.targets) {
      t.is(index.length, Math.max(Math.ceil(valid / 16), 1) * 16)
      t.is(labels.length, index.length)
      t.is(rows.length, index.length)
      t.true(index.slice(0, valid).every((row) => row >= 0 && row < micro.tokens))
      t.true(index.slice(valid).every((row) => row === -1))
      t.true(labels.slice(valid).every((label) => label === -100))
    }
  }
})

test('labels stand at their tokens, dropout rows at their slots', (t) => {
  const batch = assembleStep(source, step, { tokens: 256, sequences: 16, maskedRows: 64 })
  const { vocabulary } = corpus
  const counts = { 'knowledge-masking': 0, 'sentence-distance': 0, parity: 0 }
  for (const micro of batch.microBatches) {
    t.true(micro.tasks.slice(0, micro.tokens).every((task) => task === 2))
    t.deepEqual(
      micro.targets.map(({ task }) => task),
      ['parity', 'knowledge-masking', 'sentence-distance'],
    )
    const [labelled, masked, distance] = micro.targets
    for (let i = 0; i < labelled.valid; i++) {
      t.is(labelled.labels[i], micro.positions[labelled.index[i]] % 3)
      t.is(labelled.rows[i], micro.rows[labelled.index[i]])
      t.false(masked.index.includes(labelled.index[i]), 'a token task sees what masking has taken')
    }
    for (let i = 0; i < masked.valid; i++) t.true(masked.labels[i] > vocabulary.mask)
    for (let i = 0; i < distance.valid; i++) {
      t.is(micro.ids[distance.index[i]], vocabulary.cls)
      t.is(distance.rows[i], micro.firstSlot + i)
    }
    t.is(distance.valid, micro.sequences)
    for (let token = 0; token < micro.tokens; token++) {
      t.is(micro.rows[token] % 512, micro.positions[token])
    }
    for (const { task, valid } of micro.targets) counts[task as keyof typeof counts] += valid
  }
  t.deepEqual(batch.counts, counts)
  t.is(
    batch.tokens,
    batch.microBatches.reduce((sum, { tokens }) => sum + tokens, 0),
  )
})

test('a step without a sentence task has text of one document, masked as the labels say', (t) => {
  const plan = { ...step, sentenceTask: null, taskId: 0, tokenTasks: ['knowledge-masking'] }
  const { microBatches, sentenceTask } = assembleStep(source, plan, wide)
  t.is(sentenceTask, null)
  const [micro] = microBatches
  const [target] = micro.targets
  t.is(micro.targets.length, 1)
  const restored = micro.ids.slice()
  for (let i = 0; i < target.valid; i++) restored[target.index[i]] = target.labels[i]
  for (let sequence = 0; sequence < micro.sequences; sequence++) {
    const pieces = piecesOf(corpus, restored.slice(micro.offsets[sequence], micro.offsets[sequence + 1]))
    t.is(pieces[0], '[CLS]')
    t.is(pieces[pieces.length - 1], '[SEP]')
    const documents = pieces.slice(1, -1).map((piece) => piece.split('s')[0])
    t.is(new Set(documents).size, 1)
    t.true(pieces.length <= 48)
  }
  t.true(micro.segments.every((segment) => segment === 0))
})

test('steps and seeds differ, the same plan gives the same', (t) => {
  const ids = (plan: Partial<StepPlan>, seed = 11) =>
    bySlot(assembleStep({ ...source, seed }, { ...step, ...plan }, wide)).map(({ ids }) => ids)
  t.deepEqual(ids({}), ids({}))
  t.notDeepEqual(ids({ step: 4 }), ids({}))
  t.notDeepEqual(ids({ firstSlot: 200 }), ids({}))
  t.notDeepEqual(ids({}, 12), ids({}))
})

test('an epoch goes through every window once, the next in another order with other cuts', (t) => {
  const windows = Math.ceil(corpus.tokenCount / 48)
  const epoch = (number: number) =>
    Array.from({ length: windows }, (_, slot) => windowOfSlot(source, 'books', number * windows + slot))
  for (const starts of [epoch(0), epoch(1)]) {
    t.is(new Set(starts).size, windows)
    t.true(starts.every((start) => start >= 0 && start < corpus.tokenCount))
    const sorted = [...starts].sort((a, b) => a - b)
    t.true(sorted.every((start, i) => i === 0 || start - sorted[i - 1] <= 48))
  }
  t.notDeepEqual(epoch(0), epoch(1))
  t.notDeepEqual(new Set(epoch(0)), new Set(epoch(1)))
})

test('a sentence task that no document can serve ends with an error that says what it needs', (t) => {
  const small = memoryCorpus(numberedDocuments([2, 2, 1], () => 4))
  t.throws(() => assembleStep({ ...source, corpora: { books: small } }, step, wide), {
    code: 'TASK_NEEDS',
    message: /sentence-distance found nothing.*needs at least two documents of 3 sentences/,
  })
})

test('what a task of the user does wrong is said', (t) => {
  const token = (change: Partial<TokenTask>): TokenTask => ({ ...parity, ...change })
  const sentence = (change: Partial<SentenceTask>): SentenceTask => ({ ...sentenceDistance(), ...change })
  const at = (position: number, label: number) => () => ({
    positions: Int32Array.of(position),
    labels: Int32Array.of(label),
  })
  const input = (label: number, length: number) => () => ({
    ids: new Int32Array(length),
    segments: new Int32Array(length),
    words: new Int32Array(length),
    basic: new Int32Array(length),
    capitals: new Uint8Array(length),
    phrases: new Int32Array(length),
    entities: new Int32Array(length),
    spans: [],
    label,
  })
  const wrong: [TokenTask | SentenceTask, RegExp][] = [
    [token({ annotate: at(0, 0) }), /labelled position 0, which is no text/],
    [token({ annotate: at(600, 0) }), /labelled position 600/],
    [token({ annotate: at(1, 3) }), /label 3, outside of its 3 classes/],
    [
      token({ annotate: () => ({ positions: Int32Array.of(1, 2), labels: Int32Array.of(1) }) }),
      /2 positions, 1 labels/,
    ],
    [
      token({ annotate: () => ({ positions: Int32Array.of(2, 1), labels: Int32Array.of(1, 1) }) }),
      /do not ascend/,
    ],
    [sentence({ draw: input(3, 10) }), /label 3, outside of its 3 classes/],
    [sentence({ draw: input(0, 49) }), /49 tokens, more than 48/],
  ]
  for (const [task, message] of wrong) {
    const tasks = { ...source.tasks, [task.name]: task }
    t.throws(() => assembleStep({ ...source, tasks }, step, wide), { code: 'TASK_INVALID', message })
  }
})

test('limits that cannot hold an input are refused', (t) => {
  for (const limits of [{ tokens: 100 }, { tokens: 0 }, { sequences: 0 }, { maskedRows: 47 }]) {
    t.throws(() => assembleStep(source, step, { ...wide, ...limits }), { instanceOf: RangeError })
  }
  t.throws(() => assembleStep({ ...source, maxLength: 513 }, step, wide), { message: /more than 512/ })
})
