import type { Evaluation } from './evaluation.ts'
import { headlineF1 } from './headline-f1.ts'

/**
 * What convergence and the best checkpoint go by, higher is better: the F1 that says most of a task, or minus its loss,
 * which moves where the accuracy of headlineFigure does not yet.
 */
export const scoreOf = (evaluation: Evaluation): number => headlineF1(evaluation)?.reached ?? -evaluation.loss

/** Mean score of a task over the held-out corpora it was evaluated on; null where it was not. */
export function meanScore(evaluations: Evaluation[], task: string): number | null {
  const scores = evaluations.filter((each) => each.task === task).map(scoreOf)
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length
}
