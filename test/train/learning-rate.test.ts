import test from 'ava'
import { learningRates } from '../../lib/train/learning-rate.ts'

const schedule = { type: 'noam', learningRate: 1, warmup: 4, rewarm: true } as const

test('with rewarm each stage begins anew', (t) => {
  const rate = learningRates(schedule, [0, 10, 30])
  t.deepEqual([0, 3, 9].map(rate), [0.25, 1, Math.sqrt(0.4)])
  t.deepEqual([10, 13, 25].map(rate), [0.25, 1, 0.5])
})

test('without it the run has one schedule', (t) => {
  const rate = learningRates({ ...schedule, rewarm: false }, [0, 10, 30])
  t.is(rate(15), 0.5)
})

test('linear ends at zero with its stage, whatever the warmup', (t) => {
  const rate = learningRates({ ...schedule, type: 'linear' }, [0, 10, 12])
  t.is(rate(3), 1)
  t.is(rate(9), 0)
  t.is(rate(10), 1)
  t.is(rate(11), 0)
})

test('a warmup of zero is allowed', (t) => {
  for (const type of ['noam', 'linear', 'constant'] as const) {
    const rate = learningRates({ ...schedule, type, warmup: 0 }, [0, 10])
    t.true(Number.isFinite(rate(0)) && rate(0) > 0, type)
  }
  const single = learningRates({ ...schedule, type: 'linear' }, [0, 1])
  t.true(Number.isFinite(single(0)))
})
