import test from 'ava'
import type { Evaluation } from '../../../lib/train/evaluation/evaluation.ts'
import { forgettingOf, headlineFigure } from '../../../lib/train/evaluation/headline-figure.ts'

const evaluation = (changes: Partial<Evaluation> = {}): Evaluation => ({
  stage: 1,
  step: 10,
  task: 'masking',
  corpus: 'books',
  sequences: 8,
  labels: 10,
  loss: 2,
  accuracy: 0.5,
  standardError: 0.1,
  baseline: { name: 'chance', loss: 3, accuracy: 0.25 },
  ...changes,
})

test('accuracy stands for a task without classes, its loss where it has no accuracy', (t) => {
  t.deepEqual(headlineFigure(evaluation()), { name: 'accuracy', value: 0.5, baseline: 0.25 })
  t.deepEqual(headlineFigure(evaluation({ accuracy: Number.NaN })), {
    name: '−loss',
    value: -2,
    baseline: -3,
  })
})

test('F1 stands for a task with classes', (t) => {
  const scores = { labels: 5, precision: 0.5, recall: 0.5, f1: 0.5 }
  const judged = evaluation({
    macroF1: 0.75,
    classes: [
      { name: 'a', ...scores },
      { name: 'b', ...scores },
    ],
    baseline: { name: 'chance', loss: 1, accuracy: 0.5, macroF1: 0.5 },
  })
  t.deepEqual(headlineFigure(judged), { name: 'macro F1', value: 0.75, baseline: 0.5 })
})

test('a task on each of several held-out corpora is a row', (t) => {
  const one = [evaluation(), evaluation({ stage: 2, accuracy: 0.25 })]
  t.deepEqual(forgettingOf(one).tasks, ['masking'])
  t.is(forgettingOf(one).transfer.mean, -0.25)
  const two = [...one, evaluation({ stage: 2, corpus: 'news', accuracy: 0.125 })]
  t.deepEqual(forgettingOf(two).tasks, ['masking on books', 'masking on news'])
  t.deepEqual(forgettingOf(two).values, [
    [0.5, 0.25],
    [null, 0.125],
  ])
})
