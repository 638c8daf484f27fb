import type { Evaluation } from './evaluation.ts'
import { headlineF1 } from './headline-f1.ts'

/** One figure for how well a task does, higher is better: the F1 that says most of it, or minus its loss. */
export const scoreOf = (evaluation: Evaluation): number => headlineF1(evaluation)?.reached ?? -evaluation.loss

/** Mean score of a task over the held-out corpora it was evaluated on; null where it was not. */
export function meanScore(evaluations: Evaluation[], task: string): number | null {
  const scores = evaluations.filter((each) => each.task === task).map(scoreOf)
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length
}
