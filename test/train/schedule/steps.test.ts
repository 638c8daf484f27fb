import test from 'ava'
import fc from 'fast-check'
import type { Stage } from '../../../lib/train/schedule/schedule.ts'
import { lengthKey, lengthsNeeded, planSteps } from '../../../lib/train/schedule/steps.ts'

const kinds = { masking: 'token', distance: 'sentence', reordering: 'sentence' } as const
const corpora = [
  { name: 'books', weight: 2, tasks: ['masking', 'distance', 'reordering'] },
  { name: 'news', weight: 1, tasks: ['masking', 'distance'] },
]
const meanLengths = {
  [lengthKey('books', null)]: 100,
  [lengthKey('books', 'distance')]: 80,
  [lengthKey('books', 'reordering')]: 120,
  [lengthKey('news', null)]: 50,
  [lengthKey('news', 'distance')]: 40,
}
const stages: Stage[] = [
  { masking: 20 },
  { masking: 10, distance: 30 },
  { masking: 10, distance: 10, reordering: 40 },
]
const run = planSteps({ stages, kinds, corpora, seed: 5, tokensPerStep: 1000, meanLengths })
const plans = [...run.from(0)]

test('steps are numbered through the stages', (t) => {
  t.deepEqual(run.stageStarts, [0, 20, 50, 100])
  t.is(run.length, 100)
  t.deepEqual(
    plans.map(({ step }) => step),
    Array.from({ length: 100 }, (_, step) => step),
  )
  t.true(
    plans.every(({ step, stage }) => step >= run.stageStarts[stage] && step < run.stageStarts[stage + 1]),
  )
})

test('a step has as many slots as give its tokens on average', (t) => {
  for (const { corpus, sentenceTask, slots } of plans) {
    t.is(slots, Math.round(1000 / meanLengths[lengthKey(corpus, sentenceTask)]))
  }
})

test('steps of one corpus take slots that follow each other', (t) => {
  for (const { name } of corpora) {
    let next = 0
    for (const { firstSlot, slots } of plans.filter(({ corpus }) => corpus === name)) {
      t.is(firstSlot, next)
      next += slots
    }
    t.true(next > 0)
  }
})

test('sentence tasks have ids in the order in which they were added', (t) => {
  const ids = { distance: 1, reordering: 2 }
  for (const { sentenceTask, taskId } of plans)
    t.is(taskId, sentenceTask ? ids[sentenceTask as keyof typeof ids] : 0)
})

test('a run goes on at any step as if it had not stopped', (t) => {
  for (const first of [0, 1, 19, 20, 57, 99, 100]) t.deepEqual([...run.from(first)], plans.slice(first))
})

test('a longer run begins as the shorter one', (t) => {
  const shorter = planSteps({
    stages: stages.slice(0, 2),
    kinds,
    corpora,
    seed: 5,
    tokensPerStep: 1000,
    meanLengths,
  })
  t.deepEqual([...shorter.from(0)], plans.slice(0, 50))
})

test('the lengths that must be measured are those of the steps that can occur', (t) => {
  t.deepEqual(
    lengthsNeeded(kinds, corpora)
      .map(({ corpus, sentenceTask }) => lengthKey(corpus, sentenceTask))
      .sort(),
    Object.keys(meanLengths).sort(),
  )
  const [first] = planSteps({ stages, kinds, corpora, seed: 5, tokensPerStep: 1, meanLengths }).from(0)
  t.is(first.slots, 1)
  const unmeasured = planSteps({ stages, kinds, corpora, seed: 5, tokensPerStep: 1, meanLengths: {} })
  t.throws(() => unmeasured.from(0).next(), { code: 'LENGTH_UNKNOWN' })
})

const trained = (plan: { sentenceTask: string | null; tokenTasks: string[] }) =>
  [plan.sentenceTask, ...plan.tokenTasks].filter((task) => task !== null)

test('a task that is cut gets no more steps in its stage, and the others keep their budgets', (t) => {
  const names = Object.keys(kinds) as (keyof typeof kinds)[]
  const cut = fc.record({
    step: fc.integer({ min: 0, max: 99 }),
    task: fc.constantFrom(...names),
    forGood: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(cut, { maxLength: 4 }), (drawn) => {
      const cuts = drawn.sort((a, b) => a.step - b.step)
      const cutRun = planSteps({ stages, kinds, corpora, seed: 5, tokensPerStep: 1000, meanLengths, cuts })
      const found = [...cutRun.from(0)]
      t.is(found.length, cutRun.length)
      t.deepEqual(cutRun.stageLengths, [20, 30, 50])
      const first = Math.min(100, ...cuts.map(({ step }) => step))
      t.deepEqual(found.slice(0, first), plans.slice(0, first), 'what went before is as it was')
      stages.forEach((budgets, stage) => {
        const own = found.filter((plan) => plan.stage === stage)
        for (const [task, budget] of Object.entries(budgets)) {
          const steps = own.filter((plan) => trained(plan).includes(task)).map(({ step }) => step)
          const start = cutRun.stageStarts[stage]
          const end = cutRun.stageStarts[stage + 1]
          const ending = cuts.filter(
            ({ task: named, step, forGood }) => named === task && (step >= start ? step <= end : forGood),
          )
          const from = Math.min(...ending.map(({ step }) => step))
          t.true(steps.every((step) => step < from))
          if (ending.length === 0) t.is(steps.length, budget, `${task} in stage ${stage + 1}`)
        }
      })
    }),
  )
})

test('a corpus that came with a later stage is not drawn before it', (t) => {
  const later = [
    ...corpora,
    { name: 'dialog', weight: 9, tasks: ['masking', 'distance', 'reordering'], since: 2 },
  ]
  const lengths = {
    ...meanLengths,
    ...Object.fromEntries([null, 'distance', 'reordering'].map((task) => [lengthKey('dialog', task), 60])),
  }
  const grown = [
    ...planSteps({ stages, kinds, corpora: later, seed: 5, tokensPerStep: 1000, meanLengths: lengths }).from(
      0,
    ),
  ]
  t.deepEqual(grown.slice(0, 50), plans.slice(0, 50))
  t.true(grown.slice(50).some(({ corpus }) => corpus === 'dialog'))
})
