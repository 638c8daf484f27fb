import test from 'ava'
import { openDevice } from '../../lib/tensor/device.ts'
import { createEvaluate } from '../../lib/train/evaluate.ts'
import { addHeads, beginSession } from '../../lib/train/session.ts'
import { openSetup } from '../../lib/train/setup.ts'
import { summaryOf } from '../../lib/train/summary.ts'
import { unigramOf } from '../../lib/train/unigram.ts'
import { memoryCorpus } from '../helpers/memory-corpus.ts'
import { temporaryFolder, tinyCorpus, tinyRunPlan } from '../helpers/tiny-run.ts'

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
    const evaluations = (await evaluate(2, () => false))!
    t.is(device.memory().live, live)
    t.is(await evaluate(2, () => true), null)
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
  t.deepEqual(distance.baseline, { name: 'chance', loss: Math.log(3), accuracy: 1 / 3 })
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

test('the table has a column for each stage', (t) => {
  const figures = { corpus: 'books', sequences: 9, labels: 9, standardError: 0.01 }
  const unigram = { name: 'unigram' as const, loss: 7, accuracy: 0.05 }
  const chance = { name: 'chance' as const, loss: Math.log(3), accuracy: 1 / 3 }
  const table = summaryOf([
    { ...figures, stage: 1, task: 'masking', loss: 6.5, accuracy: 0.1, baseline: unigram },
    { ...figures, stage: 2, task: 'masking', loss: 6.25, accuracy: 0.125, baseline: unigram },
    { ...figures, stage: 2, task: 'distance', loss: 1, accuracy: 0.5, baseline: chance },
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
