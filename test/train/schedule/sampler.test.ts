import test from 'ava'
import fc from 'fast-check'
import {
  type CorpusShare,
  createStageSampler,
  type StageSampler,
  type StepTasks,
} from '../../../lib/train/schedule/sampler.ts'

const kinds = { distance: 'sentence', reordering: 'sentence', masking: 'token', capitals: 'token' } as const
const names = Object.keys(kinds)
const everything: CorpusShare[] = [{ name: 'books', weight: 1, tasks: names }]

const stepsOf = (sampler: StageSampler): StepTasks[] =>
  Array.from({ length: sampler.length }, (_, index) => sampler.at(index))

function counts(steps: StepTasks[]): Record<string, number> {
  const found: Record<string, number> = {}
  for (const { sentenceTask, tokenTasks } of steps) {
    for (const task of sentenceTask ? [sentenceTask, ...tokenTasks] : tokenTasks)
      found[task] = (found[task] ?? 0) + 1
  }
  return found
}

const budget = fc.integer({ min: 0, max: 60 })
const budgets = fc
  .record({ distance: budget, reordering: budget, masking: budget, capitals: budget })
  .filter((stage) => Object.values(stage).some((count) => count > 0))
const positive = (stage: Record<string, number>) =>
  Object.fromEntries(Object.entries(stage).filter(([, count]) => count > 0))

test('every budget is met exactly, in M steps where each corpus allows every task', (t) => {
  fc.assert(
    fc.property(budgets, fc.nat(), fc.nat({ max: 20 }), (stage, seed, number) => {
      const steps = stepsOf(createStageSampler(stage, kinds, everything, seed, number))
      t.deepEqual(counts(steps), positive(stage))
      t.is(steps.length, Math.max(stage.distance + stage.reordering, stage.masking, stage.capitals))
      t.true(steps.every(({ sentenceTask, tokenTasks }) => sentenceTask !== null || tokenTasks.length > 0))
    }),
  )
})

test('budgets are met and corpora obeyed where corpora allow only some tasks', (t) => {
  const corpus = (name: string) =>
    fc.record({
      name: fc.constant(name),
      weight: fc.double({ min: 0.1, max: 5, noNaN: true }),
      tasks: fc.subarray(names),
    })
  fc.assert(
    fc.property(budgets, corpus('a'), corpus('b'), corpus('c'), fc.nat(), (stage, a, b, c, seed) => {
      const corpora = [a, b, c]
      const allowed = new Set(corpora.flatMap(({ tasks }) => tasks))
      fc.pre(Object.keys(positive(stage)).every((task) => allowed.has(task)))
      const steps = stepsOf(createStageSampler(stage, kinds, corpora, seed, 0))
      t.deepEqual(counts(steps), positive(stage))
      for (const { sentenceTask, tokenTasks, corpus: name } of steps) {
        const { tasks } = corpora.find((each) => each.name === name)!
        const riding = sentenceTask ? [sentenceTask, ...tokenTasks] : tokenTasks
        t.true(riding.length > 0)
        t.true(riding.every((task) => tasks.includes(task)))
      }
    }),
  )
})

test('token tasks that the corpora drawn do not allow get token-only steps at the end', (t) => {
  const corpora = [
    { name: 'pairs', weight: 1, tasks: ['distance'] },
    { name: 'books', weight: 1, tasks: ['masking'] },
  ]
  const steps = stepsOf(createStageSampler({ distance: 10, masking: 4 }, kinds, corpora, 1, 0))
  t.is(steps.length, 14)
  t.true(steps.slice(0, 10).every(({ sentenceTask, tokenTasks }) => sentenceTask && tokenTasks.length === 0))
  const last = { sentenceTask: null, tokenTasks: ['masking'], corpus: 'books' }
  t.deepEqual(steps.slice(10), [last, last, last, last])
})

test('tasks are mixed through the whole stage in proportion to their budgets', (t) => {
  const stage = { distance: 4000, reordering: 2000, masking: 8000, capitals: 1000 }
  const steps = stepsOf(createStageSampler(stage, kinds, everything, 3, 1))
  for (const start of [0, 2000, 4000, 6000]) {
    const part = counts(steps.slice(start, start + 2000))
    for (const [task, total] of Object.entries(stage)) {
      t.true(
        Math.abs(part[task] - total / 4) < 5 * Math.sqrt(total / 4),
        `${task}: ${part[task]} of ${total}`,
      )
    }
  }
})

test('corpora are drawn by their weights', (t) => {
  const corpora = [
    { name: 'books', weight: 3, tasks: names },
    { name: 'news', weight: 1, tasks: names },
  ]
  const steps = stepsOf(createStageSampler({ distance: 4000 }, kinds, corpora, 3, 1))
  const books = steps.filter(({ corpus }) => corpus === 'books').length
  t.true(Math.abs(books - 3000) < 5 * Math.sqrt(750), `${books} of 4000`)
})

test('seed and stage decide every draw', (t) => {
  const stage = { distance: 40, masking: 60 }
  const draw = (seed: number, number: number) =>
    stepsOf(createStageSampler(stage, kinds, everything, seed, number))
  t.deepEqual(draw(1, 0), draw(1, 0))
  t.notDeepEqual(draw(1, 0), draw(2, 0))
  t.notDeepEqual(draw(1, 0), draw(1, 1))
})

test('a task without a corpus is refused', (t) => {
  const corpora = [{ name: 'books', weight: 1, tasks: ['masking'] }]
  const error = { code: 'TASK_WITHOUT_CORPUS', message: /task distance/ }
  t.throws(() => createStageSampler({ masking: 1, distance: 1 }, kinds, corpora, 1, 0), error)
  t.notThrows(() => createStageSampler({ masking: 1, distance: 0 }, kinds, corpora, 1, 0))
})
