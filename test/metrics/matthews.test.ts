import test from 'ava'
import fc from 'fast-check'
import { confusionOf } from '../../lib/metrics/confusion.ts'
import { matthews } from '../../lib/metrics/matthews.ts'

/** Pearson's correlation: for two classes it is the same. */
function pearson(a: number[], b: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const product = (x: number[], meanX: number, y: number[], meanY: number) =>
    x.reduce((sum, value, i) => sum + (value - meanX) * (y[i] - meanY), 0)
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB))
}

test('of two classes it is the correlation of labels and predictions', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1), fc.nat(1)), { minLength: 1, maxLength: 60 }), (pairs) => {
      const labels = pairs.map(([label]) => label)
      const predictions = pairs.map(([, prediction]) => prediction)
      const found = matthews(confusionOf(labels, predictions, 2))
      const constant = new Set(labels).size === 1 || new Set(predictions).size === 1
      if (constant) t.is(found, 0)
      else t.true(Math.abs(found - pearson(labels, predictions)) < 1e-12)
    }),
  )
})

/** By its definition (Gorodkin 2004): the covariance of labels and predictions as one-hot columns, normalised. */
function oneHotCorrelation(labels: number[], predictions: number[], classes: number): number {
  const columns = (values: number[]) =>
    Array.from({ length: classes }, (_, index) => values.map((value) => (value === index ? 1 : 0)))
  const centred = (column: number[]) => {
    const mean = column.reduce((sum: number, value) => sum + value, 0) / column.length
    return column.map((value) => value - mean)
  }
  const [x, y] = [columns(labels).map(centred), columns(predictions).map(centred)]
  const covariance = (a: number[][], b: number[][]) =>
    a.reduce((sum, column, k) => sum + column.reduce((part, value, i) => part + value * b[k][i], 0), 0)
  return covariance(x, y) / Math.sqrt(covariance(x, x) * covariance(y, y))
}

test('of more classes it is the normalised covariance of one-hot columns', (t) => {
  const judged = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(judged, (pairs) => {
      const labels = pairs.map(([label]) => label)
      const predictions = pairs.map(([, prediction]) => prediction)
      const found = matthews(confusionOf(labels, predictions, 4))
      if (new Set(labels).size === 1 || new Set(predictions).size === 1) t.is(found, 0)
      else t.true(Math.abs(found - oneHotCorrelation(labels, predictions, 4)) < 1e-12)
    }),
  )
  t.is(matthews(confusionOf([0, 1, 2], [0, 1, 2], 3)), 1)
  t.is(matthews(confusionOf([], [], 3)), Number.NaN)
})
