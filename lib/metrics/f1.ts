import type { Confusion } from './confusion.ts'

/** How well one class is told from the others. */
export interface ClassScores {
  /** How often it was right. */
  labels: number
  /** Share right of what was predicted to be this class. */
  precision: number
  /** Share of this class that was predicted. */
  recall: number
  /** Harmonic mean of precision and recall. */
  f1: number
}

/** Scores of each class, in their order. A share of nothing is 0, as in scikit-learn. */
export function classScores({ classes, counts }: Confusion): ClassScores[] {
  const labels = new Float64Array(classes)
  const predicted = new Float64Array(classes)
  for (let label = 0; label < classes; label++) {
    for (let prediction = 0; prediction < classes; prediction++) {
      const count = counts[label * classes + prediction]
      labels[label] += count
      predicted[prediction] += count
    }
  }
  return Array.from(labels, (own, index) => {
    const right = counts[index * (classes + 1)]
    return {
      labels: own,
      precision: right / predicted[index] || 0,
      recall: right / own || 0,
      f1: (2 * right) / (own + predicted[index]) || 0,
    }
  })
}
