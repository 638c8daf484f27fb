import { backwardTransfer, type ForgettingMatrix, forgettingMatrix } from '../../metrics/forgetting.ts'
import type { Evaluation } from './evaluation.ts'
import { headlineF1 } from './headline-f1.ts'

/** The one figure that stands for how well a task is done; the higher the better. */
export interface HeadlineFigure {
  name: string
  value: number
  /** What is reached without learning. */
  baseline: number
}

type Judged = Pick<Evaluation, 'classes' | 'macroF1' | 'baseline' | 'accuracy' | 'loss'>

/** {@link headlineF1} where the task has classes, else its accuracy, else its loss with the sign changed. */
export function headlineFigure(evaluation: Judged): HeadlineFigure {
  const f1 = headlineF1(evaluation)
  if (f1) return { name: f1.name, value: f1.reached, baseline: f1.baseline }
  const { accuracy, loss, baseline } = evaluation
  return Number.isFinite(accuracy)
    ? { name: 'accuracy', value: accuracy, baseline: baseline.accuracy }
    : { name: '−loss', value: -loss, baseline: -baseline.loss }
}

/**
 * The headline figures of every task at the end of every stage, with their backward transfer. Where there are several
 * held-out corpora, each task on each of them is a row.
 *
 * @param evaluations those that end stages, as in RUN/evaluation.json
 */
export function forgettingOf(
  evaluations: readonly Evaluation[],
): ForgettingMatrix & { transfer: ReturnType<typeof backwardTransfer> } {
  const matrix = forgettingMatrix(
    evaluations.map((evaluation) => ({
      task: rowName(evaluation, evaluations),
      stage: evaluation.stage,
      value: headlineFigure(evaluation).value,
    })),
  )
  return { ...matrix, transfer: backwardTransfer(matrix) }
}

/** A task's name, with the held-out corpus where there are several. */
export function rowName({ task, corpus }: Evaluation, all: readonly Evaluation[]): string {
  return all.some((other) => other.corpus !== corpus) ? `${task} on ${corpus}` : task
}
