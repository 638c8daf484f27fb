import type { Evaluation } from '../evaluation/evaluation.ts'
import { meanScore } from '../evaluation/score.ts'

/** By task: the best score in this stage, and how many evaluations since have not been better. */
export type Convergence = Record<string, { best: number; without: number }>

/**
 * What an evaluation inside a stage says about tasks that are trained until they have converged.
 *
 * @param patience by task: so many evaluations without progress, and it has converged
 * @param open tasks that still have iterations in this stage
 * @returns the new state, and the tasks that have converged with it
 */
export function observeConvergence(
  before: Convergence,
  evaluations: Evaluation[],
  patience: Record<string, number>,
  open: string[],
): { convergence: Convergence; converged: string[] } {
  const convergence = { ...before }
  for (const task of open) {
    const score = meanScore(evaluations, task)
    if (!(task in patience) || score === null) continue
    const { best, without } = before[task] ?? { best: Number.NEGATIVE_INFINITY, without: 0 }
    convergence[task] = score > best ? { best: score, without: 0 } : { best, without: without + 1 }
  }
  const converged = open.filter((task) => convergence[task]?.without >= patience[task])
  return { convergence, converged }
}
