import test from 'ava'
import type { Evaluation } from '../../../lib/train/evaluation/evaluation.ts'
import { type Convergence, observeConvergence } from '../../../lib/train/schedule/convergence.ts'

const unigram = { name: 'unigram', loss: 7, accuracy: 0.1 } as const

/** An evaluation of a task whose score is minus its loss. */
const evaluation = (task: string, loss: number): Evaluation => ({
  task,
  loss,
  stage: 1,
  step: 10,
  corpus: 'books',
  sequences: 8,
  labels: 8,
  accuracy: 0.5,
  standardError: 0.1,
  baseline: unigram,
})

/** After which of these losses, from 1, a task has converged. */
function convergedAfter(losses: number[], patience: number): number | null {
  let convergence: Convergence = {}
  for (const [index, loss] of losses.entries()) {
    const found = observeConvergence(convergence, [evaluation('a', loss)], { a: patience }, ['a'])
    if (found.converged.length > 0) return index + 1
    convergence = found.convergence
  }
  return null
}

test('a task has converged after as many evaluations without progress as it has patience', (t) => {
  t.is(convergedAfter([5, 4, 3, 2, 1], 1), null)
  t.is(convergedAfter([5, 4, 4, 3.9, 5, 6], 1), 3)
  t.is(convergedAfter([5, 4, 4, 3.9, 5, 6], 2), 6)
  t.is(convergedAfter([5, 5, 5], 2), 3)
})

test('tasks without patience, without figures or no longer in the stage are left alone', (t) => {
  const stale = { best: -1, without: 2 }
  const found = observeConvergence(
    { a: stale, c: stale, d: stale },
    [evaluation('a', 9), evaluation('b', 9), evaluation('d', 9)],
    { a: 3, c: 3, d: 3 },
    ['a', 'b', 'c'],
  )
  t.deepEqual(found.converged, ['a'])
  t.deepEqual(found.convergence, { a: { best: -1, without: 3 }, c: stale, d: stale })
})

test('the score is the mean over held-out corpora', (t) => {
  const both = [evaluation('a', 2), { ...evaluation('a', 4), corpus: 'news' }]
  t.deepEqual(observeConvergence({}, both, { a: 1 }, ['a']).convergence, { a: { best: -3, without: 0 } })
})
