import test from 'ava'
import fc from 'fast-check'
import { backwardTransfer, forgettingMatrix } from '../../lib/metrics/forgetting.ts'

/** Three tasks that come one a stage: one is forgotten, one goes on learning. */
const metrics = [
  { task: 'masking', stage: 1, value: 0.5 },
  { task: 'masking', stage: 2, value: 0.25 },
  { task: 'order', stage: 2, value: 0.5 },
  { task: 'masking', stage: 3, value: 0.375 },
  { task: 'order', stage: 3, value: 0.75 },
  { task: 'distance', stage: 3, value: 0.9 },
]

test('rows are tasks in the order in which they come, columns are stages', (t) => {
  t.deepEqual(forgettingMatrix(metrics), {
    tasks: ['masking', 'order', 'distance'],
    stages: [1, 2, 3],
    values: [
      [0.5, 0.25, 0.375],
      [null, 0.5, 0.75],
      [null, null, 0.9],
    ],
  })
})

test('backward transfer by hand: after the last stage minus after the own first one', (t) => {
  t.deepEqual(backwardTransfer(forgettingMatrix(metrics)), {
    mean: (-0.125 + 0.25) / 2,
    tasks: { masking: -0.125, order: 0.25, distance: null },
  })
})

test('one stage, no stage and tasks that are not measured at the end have no backward transfer', (t) => {
  t.deepEqual(backwardTransfer(forgettingMatrix([])), { mean: null, tasks: {} })
  const one = forgettingMatrix([{ task: 'a', stage: 1, value: 1 }])
  t.deepEqual(backwardTransfer(one), { mean: null, tasks: { a: null } })
  const gone = forgettingMatrix([
    { task: 'a', stage: 1, value: 1 },
    { task: 'b', stage: 2, value: 1 },
  ])
  t.deepEqual(backwardTransfer(gone), { mean: null, tasks: { a: null, b: null } })
})

test('a figure that comes again counts as it came last, whatever the order of stages', (t) => {
  const matrix = forgettingMatrix([
    { task: 'a', stage: 2, value: 3 },
    { task: 'a', stage: 1, value: 1 },
    { task: 'a', stage: 2, value: 5 },
  ])
  t.deepEqual(matrix.values, [[1, 5]])
  t.is(backwardTransfer(matrix).mean, 4)
})

test('with a lower triangle R it is the sum of the paper', (t) => {
  const square = fc.integer({ min: 2, max: 6 }).chain((size) =>
    fc.array(fc.array(fc.integer({ min: 0, max: 64 }), { minLength: size, maxLength: size }), {
      minLength: size,
      maxLength: size,
    }),
  )
  fc.assert(
    fc.property(square, (table) => {
      const size = table.length
      const R = (stage: number, task: number) => table[stage][task] / 64
      let sum = 0
      for (let task = 0; task < size - 1; task++) sum += R(size - 1, task) - R(task, task)
      const found = table.flatMap((row, stage) =>
        row.slice(0, stage + 1).map((_, task) => ({ task: String(task), stage, value: R(stage, task) })),
      )
      t.is(backwardTransfer(forgettingMatrix(found)).mean, sum / (size - 1))
    }),
  )
})
