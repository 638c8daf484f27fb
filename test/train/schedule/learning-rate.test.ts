import test from 'ava'
import { learningRates } from '../../../lib/train/schedule/learning-rate.ts'

/** Stages of these lengths, one after another. */
const stages = (...stageLengths: number[]) => {
  const stageStarts = [0]
  for (const length of stageLengths) stageStarts.push(stageStarts[stageStarts.length - 1] + length)
  return { stageStarts, stageLengths }
}

const schedule = { type: 'noam', learningRate: 1, warmup: 4, rewarm: true } as const

test('with rewarm each stage begins anew', (t) => {
  const rate = learningRates(schedule, stages(10, 20))
  t.deepEqual([0, 3, 9].map(rate), [0.25, 1, Math.sqrt(0.4)])
  t.deepEqual([10, 13, 25].map(rate), [0.25, 1, 0.5])
})

test('without it the run has one schedule', (t) => {
  const rate = learningRates({ ...schedule, rewarm: false }, stages(10, 20))
  t.is(rate(15), 0.5)
})

test('linear ends at zero with its stage, whatever the warmup', (t) => {
  const rate = learningRates({ ...schedule, type: 'linear' }, stages(10, 2))
  t.is(rate(3), 1)
  t.is(rate(9), 0)
  t.is(rate(10), 1)
  t.is(rate(11), 0)
})

test('a warmup of zero is allowed', (t) => {
  for (const type of ['noam', 'linear', 'constant'] as const) {
    const rate = learningRates({ ...schedule, type, warmup: 0 }, stages(10))
    t.true(Number.isFinite(rate(0)) && rate(0) > 0, type)
  }
  const single = learningRates({ ...schedule, type: 'linear' }, stages(1))
  t.true(Number.isFinite(single(0)))
})

test('a stage that ends early has the rates of its full length', (t) => {
  const linear = { ...schedule, type: 'linear', warmup: 1 } as const
  const whole = learningRates(linear, stages(10, 10))
  const cut = learningRates(linear, { stageStarts: [0, 6, 16], stageLengths: [10, 10] })
  t.deepEqual([0, 3, 5].map(cut), [0, 3, 5].map(whole))
  t.deepEqual([6, 9, 15].map(cut), [10, 13, 19].map(whole))
})

test('a stage that was added to a run begins anew even without rewarm', (t) => {
  const rate = learningRates({ ...schedule, rewarm: false }, stages(10, 20, 5), 2)
  t.is(rate(15), 0.5)
  t.deepEqual([30, 33].map(rate), [0.25, 1])
})
