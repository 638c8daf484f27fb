import test from 'ava'
import { constant, linearDecay, noam, type Schedule } from '../../lib/optim/schedules.ts'
import { readGoldenJson } from '../helpers/goldens.ts'

const goldens = readGoldenJson('ops/ops.json')

function isAsExpected(
  t: { true(value: boolean, message: string): void },
  schedule: Schedule,
  values: object,
) {
  for (const [step, expected] of Object.entries(values))
    t.true(Math.abs(schedule(Number(step)) - expected) <= 1e-12 * expected, `step ${step}`)
}

test('noam', (t) => {
  const { peak, warmup, values } = goldens.noam
  isAsExpected(t, noam({ peak, warmup }), values)
  t.throws(() => noam({ peak: 1, warmup: 0 }), { code: 'SCHEDULE' })
})

test('linear decay', (t) => {
  const { peak, warmup, total, values } = goldens.linear_decay
  isAsExpected(t, linearDecay({ peak, warmup, total }), values)
  t.is(linearDecay({ peak, warmup, total })(total + 5), 0)
  t.is(linearDecay({ peak: 1, warmup: 0, total: 10 })(5), 0.5)
  t.throws(() => linearDecay({ peak: 1, warmup: 10, total: 10 }), { code: 'SCHEDULE' })
})

test('constant', (t) => {
  t.is(constant({ peak: 3 })(1), 3)
  t.is(constant({ peak: 3, warmup: 10 })(5), 1.5)
  t.is(constant({ peak: 3, warmup: 10 })(10), 3)
})
