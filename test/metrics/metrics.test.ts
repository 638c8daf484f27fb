import test from 'ava'
import fc from 'fast-check'
import { accuracy } from '../../lib/metrics/accuracy.ts'
import { confusionOf } from '../../lib/metrics/confusion.ts'
import { classScores } from '../../lib/metrics/f1.ts'
import { macroF1 } from '../../lib/metrics/macro-f1.ts'
import { readGoldenJson } from '../helpers/goldens.ts'

/** Eight judgements of three classes: class 1 is said too often, class 2 never. */
const labels = [0, 0, 0, 0, 1, 1, 2, 2]
const predictions = [0, 0, 0, 1, 1, 0, 1, 1]

test('a confusion table has a row for each label and a column for each prediction', (t) => {
  const { classes, counts } = confusionOf(labels, predictions, 3)
  t.is(classes, 3)
  t.deepEqual([...counts], [3, 1, 0, 1, 1, 0, 0, 2, 0])
})

test('scores of classes by hand', (t) => {
  const confusion = confusionOf(labels, predictions, 3)
  t.is(accuracy(confusion), 4 / 8)
  t.deepEqual(classScores(confusion), [
    { labels: 4, precision: 3 / 4, recall: 3 / 4, f1: 3 / 4 },
    { labels: 2, precision: 1 / 4, recall: 1 / 2, f1: 1 / 3 },
    { labels: 2, precision: 0, recall: 0, f1: 0 },
  ])
  t.is(macroF1(confusion), (3 / 4 + 1 / 3) / 3)
})

test('a class that occurs nowhere has no part in the mean', (t) => {
  const confusion = confusionOf([0, 0, 3], [0, 3, 3], 5)
  t.deepEqual(
    classScores(confusion).map(({ f1 }) => f1),
    [2 / 3, 0, 0, 2 / 3, 0],
  )
  t.is(macroF1(confusion), 2 / 3)
  // Predicted, though it is never right: it counts.
  t.is(macroF1(confusionOf([0, 0, 0], [0, 0, 1], 2)), (4 / 5 + 0) / 2)
})

test('nothing judged has no accuracy', (t) => {
  const confusion = confusionOf([], [], 2)
  t.is(accuracy(confusion), Number.NaN)
  t.is(macroF1(confusion), Number.NaN)
  t.deepEqual(classScores(confusion)[1], { labels: 0, precision: 0, recall: 0, f1: 0 })
})

test('what is no class is refused', (t) => {
  t.throws(() => confusionOf([0, 1], [0], 2), { code: 'METRIC_INPUT', message: /2 labels and 1 predictions/ })
  for (const wrong of [2, -1, 0.5, Number.NaN]) {
    t.throws(() => confusionOf([0, wrong], [0, 0], 2), { code: 'METRIC_INPUT', message: /at 1; .* 0 to 1/ })
    t.throws(() => confusionOf([0, 0], [0, wrong], 2), { code: 'METRIC_INPUT' })
  }
})

test('accuracy and F1 are those of the reference values', (t) => {
  const { binary, three_way: threeWay } = readGoldenJson('ops/ops.json').metrics
  const two = confusionOf(binary.label, binary.prediction, 2)
  const three = confusionOf(threeWay.label, threeWay.prediction, 3)
  const near = (found: number, wanted: number) => t.true(Math.abs(found - wanted) < 1e-12)
  near(accuracy(two), binary.accuracy)
  near(classScores(two)[1].f1, binary.f1)
  near(accuracy(three), threeWay.accuracy)
  near(macroF1(three), threeWay.f1_macro)
})

test('scores are those of the definitions, for any predictions', (t) => {
  const judgement = fc.tuple(fc.nat(4), fc.nat(4))
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(judgement, { minLength: 1, maxLength: 60 }), (pairs) => {
        const count = (of: (label: number, prediction: number) => boolean) =>
          pairs.filter(([label, prediction]) => of(label, prediction)).length
        const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
        const naive = Array.from({ length: 5 }, (_, index) => {
          const both = count((label, prediction) => label === index && prediction === index)
          const precision = share(
            both,
            count((_, prediction) => prediction === index),
          )
          const recall = share(
            both,
            count((label) => label === index),
          )
          return { precision, recall, f1: share(2 * precision * recall, precision + recall) }
        })
        const seen = naive.filter((_, index) => pairs.some((pair) => pair.includes(index)))
        const confusion = confusionOf(
          pairs.map(([label]) => label),
          pairs.map(([, prediction]) => prediction),
          5,
        )
        const near = (a: number, b: number) => Math.abs(a - b) < 1e-12
        const scores = classScores(confusion)
        return (
          near(accuracy(confusion), count((label, prediction) => label === prediction) / pairs.length) &&
          naive.every(
            ({ precision, recall, f1 }, index) =>
              near(scores[index].precision, precision) &&
              near(scores[index].recall, recall) &&
              near(scores[index].f1, f1),
          ) &&
          near(macroF1(confusion), seen.reduce((sum, { f1 }) => sum + f1, 0) / seen.length)
        )
      }),
    ),
  )
})
