import test from 'ava'
import { createRandom } from '../../../lib/data/random.ts'
import { createStepTime } from '../../../lib/report/progress/step-time.ts'

/** A step takes 2 s, and so much more for what it trains; each measurement is off by up to a tenth. */
const costs: Record<string, number> = { masking: 1, distance: 0.1, reordering: 0.4 }

const random = createRandom(1, 'step time')
const secondsOf = (tasks: string[]) =>
  tasks.reduce((sum, task) => sum + costs[task], 2) * (0.9 + 0.2 * random.uniform())

test('nothing is expected before a step was seen', (t) => {
  t.is(createStepTime().expect({ steps: 3, tasks: { masking: 3 } }), Number.NaN)
})

test('while all steps are alike, others are expected to be like them', (t) => {
  const time = createStepTime()
  for (let step = 0; step < 50; step++) time.observe(['masking'], 3)
  const mixes: Record<string, number>[] = [{ masking: 10 }, {}, { distance: 10 }]
  for (const tasks of mixes) {
    const found = time.expect({ steps: 10, tasks })
    t.true(Math.abs(found - 30) < 0.1, `${found} s`)
  }
})

test('stages with another mix of tasks are expected to take what their tasks take', (t) => {
  const time = createStepTime()
  for (let step = 0; step < 600; step++) {
    const tasks = [
      ...(random.uniform() < 0.5 ? ['masking'] : []),
      ...(random.uniform() < 0.5 ? ['distance'] : ['reordering']),
    ]
    time.observe(tasks, secondsOf(tasks))
  }
  const cases: [Record<string, number>, number][] = [
    [{ masking: 1000, distance: 1000 }, 3100],
    [{ distance: 1000 }, 2100],
    [{ reordering: 1000, masking: 500 }, 2900],
  ]
  for (const [tasks, seconds] of cases) {
    const found = time.expect({ steps: 1000, tasks })
    t.true(Math.abs(found / seconds - 1) < 0.03, `${found} s, not ${seconds}`)
  }
})

test('when everything becomes slower, so does what is expected', (t) => {
  const time = createStepTime()
  for (let step = 0; step < 1000; step++) time.observe(['masking'], 1)
  for (let step = 0; step < 1000; step++) time.observe(['masking'], 2)
  t.true(Math.abs(time.expect({ steps: 1, tasks: { masking: 1 } }) - 2) < 0.02)
})
