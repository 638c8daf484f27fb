import type { Confusion } from './confusion.ts'
import { classScores } from './f1.ts'

/**
 * Mean of the F1 of the classes that occur among labels or predictions, as scikit-learn's `f1_score` with `average:
 * 'macro'` takes it; NaN where there are no labels.
 */
export function macroF1(confusion: Confusion): number {
  const { classes, counts } = confusion
  const occurs = (index: number) => {
    for (let other = 0; other < classes; other++) {
      if (counts[index * classes + other] > 0 || counts[other * classes + index] > 0) return true
    }
    return false
  }
  const scores = classScores(confusion).filter((_, index) => occurs(index))
  return scores.reduce((sum, { f1 }) => sum + f1, 0) / scores.length
}
