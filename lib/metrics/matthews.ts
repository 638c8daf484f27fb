import type { Confusion } from './confusion.ts'

/**
 * Matthews' correlation of labels and predictions, for any number of classes (Gorodkin 2004, the R_K statistic), as
 * scikit-learn's `matthews_corrcoef` takes it: 1 all right, 0 no better than a guess that knows how common classes are.
 * 0 where all labels or all predictions are the same; NaN where there are none.
 */
export function matthews({ classes, counts }: Confusion): number {
  const labels = new Float64Array(classes)
  const predicted = new Float64Array(classes)
  let right = 0
  let all = 0
  for (const [cell, count] of counts.entries()) {
    const label = Math.floor(cell / classes)
    const prediction = cell % classes
    labels[label] += count
    predicted[prediction] += count
    all += count
    if (label === prediction) right += count
  }
  if (all === 0) return Number.NaN
  const products = (a: Float64Array, b: Float64Array) => a.reduce((sum, each, i) => sum + each * b[i], 0)
  const scale = Math.sqrt(
    (all * all - products(predicted, predicted)) * (all * all - products(labels, labels)),
  )
  return scale === 0 ? 0 : (right * all - products(predicted, labels)) / scale
}
