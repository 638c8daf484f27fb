import test from 'ava'
import type { Stage } from '../../lib/train/schedule.ts'
import { lengthKey, lengthsNeeded, planSteps } from '../../lib/train/steps.ts'

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
