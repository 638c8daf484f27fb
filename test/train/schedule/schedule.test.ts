import test from 'ava'
import fc from 'fast-check'
import { checkStages, type Stage, stageOfNewTask, stages } from '../../../lib/train/schedule/schedule.ts'

const tasks = ['masking', 'capitalization', 'document', 'reordering']

test('four tasks of 50,000 iterations give Table 7 of the paper', (t) => {
  t.deepEqual(stages(tasks, 50_000), [
    { masking: 20_000 },
    { masking: 10_000, capitalization: 30_000 },
    { masking: 10_000, capitalization: 10_000, document: 40_000 },
    { masking: 10_000, capitalization: 10_000, document: 10_000, reordering: 50_000 },
  ])
})

test('every task has exactly its iterations, and the numbers are those of the closed form to less than K', (t) => {
  const counts = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 16 })
  fc.assert(
    fc.property(counts, (iterations) => {
      const names = iterations.map((_, task) => `task${task}`)
      const table = stages(names, Object.fromEntries(names.map((name, task) => [name, iterations[task]])))
      t.is(table.length, names.length)
      names.forEach((name, task) => {
        const total = iterations[task]
        const unit = total / (names.length + 1)
        t.is(
          table.reduce((sum, budgets) => sum + (budgets[name] ?? 0), 0),
          total,
        )
        table.forEach((budgets, stage) => {
          const closed = stage < task ? undefined : stage === task ? (stage + 2) * unit : unit
          if (closed === undefined) t.false(name in budgets)
          else t.true(Number.isInteger(budgets[name]) && Math.abs(budgets[name] - closed) < names.length)
        })
        t.true(table[task][name] >= 1)
      })
      checkStages(table, names)
    }),
  )
})

test('one task has one stage', (t) => {
  t.deepEqual(stages(['masking'], 7), [{ masking: 7 }])
})

test('tasks and iterations that make no table are refused', (t) => {
  const wrong: [string[], number | Record<string, number>, RegExp][] = [
    [[], 5, /no tasks/],
    [['a', 'b', 'a'], 5, /a is named twice/],
    [['a'], 0, /a has 0 iterations/],
    [['a'], 1.5, /a has 1.5 iterations/],
    [['a', 'b'], { a: 5 }, /b has undefined iterations/],
  ]
  for (const [names, iterations, message] of wrong) {
    t.throws(() => stages(names, iterations), { code: 'SCHEDULE_INVALID', message })
  }
})

test('a table by hand is checked', (t) => {
  t.notThrows(() => checkStages([{ a: 5, b: 0 }, { b: 2 }], ['a', 'b']))
  const wrong: [Stage[], RegExp][] = [
    [[], /no stages/],
    [[{ a: 1, b: 1 }, { c: 1 }], /stage 2 has a budget for c, which is no task/],
    [[{ a: 1, b: -1 }], /stage 1 gives b -1 iterations/],
    [[{ a: 1, b: 2.5 }], /stage 1 gives b 2.5 iterations/],
    [[{ a: 1, b: 1 }, { a: 0 }], /stage 2 has no iterations/],
    [[{ a: 1 }, { a: 1 }], /b has no iterations in any stage/],
  ]
  for (const [table, message] of wrong) {
    t.throws(() => checkStages(table, ['a', 'b']), { code: 'SCHEDULE_INVALID', message })
  }
})

test('multi-task has one stage of all tasks, continual one task after another (Figure 2)', (t) => {
  t.deepEqual(stages(['a', 'b'], { a: 5, b: 7 }, 'multi-task'), [{ a: 5, b: 7 }])
  t.deepEqual(stages(['a', 'b'], { a: 5, b: 7 }, 'continual'), [{ a: 5 }, { b: 7 }])
})

test('a task that is added to a run of K tasks has N iterations, the others N / (K + 2) each', (t) => {
  t.deepEqual(stageOfNewTask(['a', 'b', 'c'], 'd', 50_000), { a: 10_000, b: 10_000, c: 10_000, d: 50_000 })
  t.deepEqual(stageOfNewTask([], 'a', 5), { a: 5 })
})
