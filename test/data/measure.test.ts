import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import type { StepBatch } from '../../lib/data/batch.ts'
import { evaluationInputs, evaluationSteps, meanInputLength } from '../../lib/data/measure.ts'
import type { DataSource } from '../../lib/data/source.ts'
import { knowledgeMasking } from '../../tasks/pretrain/knowledge-masking.ts'
import { sentenceDistance } from '../../tasks/pretrain/sentence-distance.ts'
import { memoryCorpus, numberedDocuments } from '../helpers/memory-corpus.ts'

const source: DataSource = {
  seed: 11,
  maxLength: 48,
  corpora: { books: memoryCorpus(numberedDocuments([20, 30, 40, 15], () => 10)) },
  tasks: { 'knowledge-masking': knowledgeMasking(), 'sentence-distance': sentenceDistance() },
}
const contents = ({ release, ...batch }: StepBatch) => batch
const limits = { tokens: 512, sequences: 16, maskedRows: 128 }

test('the mean length is that of the inputs, special tokens included', (t) => {
  // Four sentences of ten words fit into 46 places; two sides of two sentences into 22 each, cut to 20 + 2.
  t.is(meanInputLength(source, 'books', null, 50), 42)
  t.is(meanInputLength(source, 'books', 'sentence-distance', 50), 47)
})

test('evaluation inputs are as many as asked for, the same for any seed and limits, of one task', (t) => {
  for (const task of ['knowledge-masking', 'sentence-distance']) {
    const options = { corpus: 'books', count: 300, limits, taskId: 1 }
    const steps = [...evaluationSteps(source, task, options)]
    const again = [...evaluationSteps({ ...source, seed: 5 }, task, options)]
    t.true(isDeepStrictEqual(steps.map(contents), again.map(contents)))
    const sequences = steps.flatMap(({ microBatches }) => microBatches.map((micro) => micro.sequences))
    t.is(
      sequences.reduce((a, b) => a + b),
      300,
    )
    t.true(steps.every(({ counts }) => Object.keys(counts).join() === task && counts[task] > 0))
    const narrow = [...evaluationSteps(source, task, { ...options, limits: { ...limits, tokens: 64 } })]
    const ids = (all: typeof steps) =>
      all.flatMap(({ microBatches }) =>
        microBatches.flatMap((micro) => [...micro.ids.slice(0, micro.tokens)]),
      )
    t.deepEqual(ids(narrow), ids(steps))
  }
})

test('evaluation inputs come one by one too', (t) => {
  for (const task of ['knowledge-masking', 'sentence-distance']) {
    const options = { corpus: 'books', count: 260 }
    const inputs = [...evaluationInputs(source, task, options)]
    const micros = [...evaluationSteps(source, task, { ...options, limits })].flatMap(
      (step) => step.microBatches,
    )
    t.is(inputs.length, 260)
    t.deepEqual(
      inputs.flatMap(({ ids }) => [...ids]),
      micros.flatMap(({ ids, tokens }) => [...ids.subarray(0, tokens)]),
    )
    t.deepEqual(
      inputs.flatMap(({ input, annotations: [own] }) => (own ? [...own.labels] : [input.label])),
      micros.flatMap(({ targets: [{ labels, valid }] }) => [...labels.subarray(0, valid)]),
    )
  }
})

test('sentence tasks are judged on text that is not masked', (t) => {
  const [{ microBatches }] = evaluationSteps(source, 'sentence-distance', {
    corpus: 'books',
    count: 50,
    limits,
  })
  const { mask } = source.corpora.books.vocabulary
  t.false(microBatches.some(({ ids }) => ids.includes(mask)))
})
