import test from 'ava'
import { evaluationSteps } from '../../../lib/data/measure.ts'
import { createRandom } from '../../../lib/data/random.ts'
import type { DataSource } from '../../../lib/data/source.ts'
import { confusionOf } from '../../../lib/metrics/confusion.ts'
import { macroF1 } from '../../../lib/metrics/macro-f1.ts'
import { openDevice } from '../../../lib/tensor/device.ts'
import { createBaselines } from '../../../lib/train/evaluation/baselines.ts'
import { createEvaluate } from '../../../lib/train/evaluation/evaluate.ts'
import { judgeMasking } from '../../../lib/train/evaluation/judge-masking.ts'
import { summaryOf } from '../../../lib/train/evaluation/summary.ts'
import { unigramOf } from '../../../lib/train/evaluation/unigram.ts'
import { addHeads, beginSession } from '../../../lib/train/session.ts'
import { openSetup } from '../../../lib/train/setup.ts'
import { memoryCorpus } from '../../helpers/memory-corpus.ts'
import { temporaryFolder, tinyCorpus, tinyRunPlan } from '../../helpers/tiny-run.ts'

const parity = new URL('../../fixtures/tasks/parity.ts', import.meta.url).pathname
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

test('the unigram distribution has one added to every count', async (t) => {
  const corpus = memoryCorpus([['a a a b', 'a'], ['b c']])
  const { size } = corpus.vocabulary
  const { surprisal, mode } = await unigramOf([corpus], size)
  const of = (token: string) => surprisal[corpus.vocabulary.id(token)!]
  t.is(corpus.vocabulary.tokens[mode], 'a')
  t.is(of('a'), Math.log((7 + size) / 5))
  t.is(of('b'), Math.log((7 + size) / 3))
  t.is(of('[MASK]'), Math.log(7 + size))
  const total = surprisal.reduce((sum, value) => sum + Math.exp(-value), 0)
  t.true(Math.abs(total - 1) < 1e-12)
})

test('a model that knows nothing is judged by chance; figures do not depend on micro-batches', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const device = await openDevice()
  const results = []
  for (const microBatch of [
    { tokens: 64, sequences: 8, masked: 48 },
    { tokens: 1024, sequences: 64, masked: 512 },
  ]) {
    const setup = await openSetup(tinyRunPlan(folder, { microBatch, evaluate: { sequences: 96 } }))
    const session = beginSession(device, setup)
    for (const stage of [0, 1]) addHeads(session, stage)
    const evaluate = createEvaluate(device, session.model, setup)
    const live = device.memory().live
    const evaluations = (await evaluate({ stage: 2, step: 9 }, () => false))!
    t.is(device.memory().live, live)
    t.is(await evaluate({ stage: 2, step: 9 }, () => true), null)
    t.is(device.memory().live, live)
    results.push(evaluations)
    session.close()
    setup.close()
  }
  const [[masking, distance], others] = results
  t.like(masking, { stage: 2, task: 'knowledge-masking', corpus: 'tiny', sequences: 96 })
  t.is(masking.baseline.name, 'unigram')
  t.true(masking.baseline.loss < masking.loss)
  t.like(distance, { task: 'sentence-distance', labels: 96 })
  t.like(distance.baseline, { name: 'chance', loss: Math.log(3), accuracy: 1 / 3 })
  t.is(masking.macroF1, undefined)
  t.is(distance.classes!.map(({ name }) => name)[2], 'different documents')
  t.is(sum(distance.classes!.map(({ labels }) => labels)), 96)
  t.is(distance.standardError, Math.sqrt((1 / 3) * (2 / 3)) / Math.sqrt(96))
  t.true(Math.abs(distance.loss - Math.log(3)) < 0.1)
  t.true(Math.abs(distance.accuracy - 1 / 3) < 5 * distance.standardError)
  for (const [index, other] of others.entries()) {
    const one = results[0][index]
    t.true(Math.abs(one.loss - other.loss) < 1e-5 * other.loss)
    t.deepEqual({ ...one, loss: 0 }, { ...other, loss: 0 })
  }
  device.close()
})

test('classes of tokens are held against the habit of their word', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const device = await openDevice()
  const setup = await openSetup(tinyRunPlan(folder, { tasks: [{ task: parity, classes: 3 }], iterations: 1 }))
  const session = beginSession(device, setup)
  addHeads(session, 0)
  const [found] = (await createEvaluate(device, session.model, setup)({ stage: 1, step: 9 }, () => false))!
  // What the device counts while it computes the loss is another way to the same figures.
  const { tokens, sequences, masked } = setup.plan.microBatch
  const limits = { tokens, sequences, maskedRows: masked }
  const steps = evaluationSteps(setup.heldOut.source, 'parity', { corpus: 'tiny', count: 16, limits })
  const counted = (await judgeMasking(device, session.model, steps, () => false))!
  t.is(found.labels, counted.labels.length)
  t.is(found.accuracy, Math.fround(counted.accuracy * found.labels) / found.labels)
  t.true(Math.abs(found.loss - counted.loss) < 1e-5 * counted.loss)
  t.deepEqual(
    found.classes!.map(({ name, labels }) => [name, labels]),
    [0, 1, 2].map((label) => [`${label}`, counted.labels.filter((each) => each === label).length]),
  )
  const recalled = sum(found.classes!.map(({ labels, recall }) => labels * recall))
  t.true(Math.abs(recalled / found.labels - found.accuracy) < 1e-12)
  t.is(found.macroF1, sum(found.classes!.map(({ f1 }) => f1)) / 3)

  // A word's place says nothing of the word: its habit is hardly better than chance.
  const { baseline } = found
  t.is(baseline.name, 'habit')
  t.is(baseline.f1!.length, 3)
  t.is(baseline.macroF1, sum(baseline.f1!) / 3)
  t.true(Math.abs(baseline.accuracy - 1 / 3) < 0.1)
  t.true(Math.abs(baseline.loss - Math.log(3)) < 0.1)
  session.close()
  setup.close()
  device.close()
})

test('the macro F1 of chance is what guessing reaches, and more than always saying the commonest class', (t) => {
  const labels = Array.from({ length: 20_000 }, (_, index) => [0, 1, 1, 3, 1][index % 5])
  const baselines = createBaselines({ source: {} as DataSource, shares: [] })
  const { loss, accuracy, macroF1: chance } = baselines.chance(4, labels)
  t.is(loss, Math.log(4))
  t.is(accuracy, 1 / 4)
  const random = createRandom(1, 'guesses')
  const guesses = labels.map(() => labels[random.below(labels.length)])
  t.true(Math.abs(chance! - macroF1(confusionOf(labels, guesses, 4))) < 0.01)
  const commonest = new Array(labels.length).fill(1)
  t.true(chance! > macroF1(confusionOf(labels, commonest, 4)))
})

test('the table has a column for each stage', (t) => {
  const figures = { corpus: 'books', sequences: 9, labels: 9, standardError: 0.01 }
  const unigram = { name: 'unigram' as const, loss: 7, accuracy: 0.05 }
  const chance = { name: 'chance' as const, loss: Math.log(3), accuracy: 1 / 3 }
  const table = summaryOf([
    { ...figures, stage: 1, step: 5, task: 'masking', loss: 6.5, accuracy: 0.1, baseline: unigram },
    { ...figures, stage: 2, step: 9, task: 'masking', loss: 6.25, accuracy: 0.125, baseline: unigram },
    { ...figures, stage: 2, step: 9, task: 'distance', loss: 1, accuracy: 0.5, baseline: chance },
  ])
  t.is(
    table,
    [
      'held-out books     stage 1  stage 2  without learning',
      'masking loss         6.500    6.250  7.000 (unigram)',
      'masking accuracy    10.0 %   12.5 %  5.0 % ± 1.0 %',
      'distance loss            -    1.000  1.099 (chance)',
      'distance accuracy        -   50.0 %  33.3 % ± 1.0 %',
    ].join('\n'),
  )
  t.is(summaryOf([]), '')
})

test('the table has the F1 of classes, of two classes of tokens the rarer one, and groups', (t) => {
  const figures = { stage: 1, step: 5, corpus: 'books', sequences: 9, labels: 400, standardError: 0.01 }
  const scores = { precision: 0.5, recall: 0.5 }
  const table = summaryOf([
    {
      ...figures,
      task: 'casing',
      loss: 0.3,
      accuracy: 0.9,
      macroF1: 0.75,
      classes: [
        { name: 'lower', labels: 350, ...scores, f1: 0.95 },
        { name: 'upper', labels: 50, ...scores, f1: 0.55 },
      ],
      baseline: { name: 'habit', loss: 0.4, accuracy: 0.85, macroF1: 0.7, f1: [0.9, 0.5] },
    },
    {
      ...figures,
      task: 'order',
      loss: 0.5,
      accuracy: 0.7,
      macroF1: 0.6,
      classes: [1, 2, 3].map((name) => ({ name: `${name}`, labels: 100, ...scores, f1: 0.6 })),
      groups: [
        { name: '1 segment', labels: 300, accuracy: 1, chance: 1 },
        { name: '2 segments', labels: 100, accuracy: 0.55, chance: 0.5 },
        { name: '3 segments', labels: 0, accuracy: Number.NaN, chance: 1 / 6 },
      ],
      baseline: { name: 'chance', loss: Math.log(3), accuracy: 1 / 3, macroF1: 0.125 },
    },
  ])
  t.is(
    table,
    [
      'held-out books              stage 1  without learning',
      'casing loss                   0.300  0.400 (habit)',
      'casing accuracy              90.0 %  85.0 % ± 1.0 %',
      'casing F1 of "upper"         55.0 %  50.0 %',
      'order loss                    0.500  1.099 (chance)',
      'order accuracy               70.0 %  33.3 % ± 1.0 %',
      'order macro F1               60.0 %  12.5 %',
      'order accuracy, 2 segments   55.0 %  50.0 % ± 5.0 %',
    ].join('\n'),
  )
})

test('a task that finds no label in held-out text is not judged on it', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const device = await openDevice()
  // No document of the tiny corpus is so long that an input leaves something of it out.
  const plan = { tasks: ['knowledge-masking', 'token-document'], maxLength: 512 }
  const setup = await openSetup(
    tinyRunPlan(folder, { ...plan, microBatch: { tokens: 1024, sequences: 64, masked: 512 } }),
  )
  const session = beginSession(device, setup)
  for (const stage of [0, 1]) addHeads(session, stage)
  const evaluations = (await createEvaluate(
    device,
    session.model,
    setup,
  )({ stage: 2, step: 9 }, () => false))!
  t.deepEqual(
    evaluations.map(({ task }) => task),
    ['knowledge-masking'],
  )
  session.close()
  setup.close()
})
