import { type Confusion, confusionOf } from '../metrics/confusion.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import { judgeClasses } from '../train/evaluation/judge-classes.ts'
import type { EncodedExample } from './encode-example.ts'
import { type FineTuningMetric, metricNames, metrics } from './metric.ts'
import { packExamples } from './pack-examples.ts'
import type { FineTuningTask } from './task.ts'

/** All figures of a classification. */
export type FineTuningFigures = Record<FineTuningMetric, number>

/** How well the rows that a model is judged on are told apart. */
export interface FineTuningEpoch extends FineTuningFigures {
  /** Mean of -log p of the labels. */
  loss: number
  /** Class ids, in the order of the rows. */
  predictions: number[]
}

export const figuresOf = (confusion: Confusion): FineTuningFigures =>
  Object.fromEntries(metricNames.map((name) => [name, metrics[name](confusion)])) as FineTuningFigures

/** Rows that are judged in one go: bounds what is on the device. */
const rowsAtOnce = 256

export async function judgeExamples(
  model: MultiTaskModel,
  { name, labels }: Pick<FineTuningTask, 'name' | 'labels'>,
  examples: readonly EncodedExample[],
  microBatchTokens: number,
): Promise<FineTuningEpoch> {
  function* batches() {
    for (let first = 0; first < examples.length; first += rowsAtOnce) {
      yield { microBatches: packExamples(examples.slice(first, first + rowsAtOnce), name, microBatchTokens) }
    }
  }
  const judged = await judgeClasses(model.encoder.device, model, name, batches(), [], () => false)
  // Nobody stops it.
  const { predictions, loss, labels: right } = judged!
  return { ...figuresOf(confusionOf(right, predictions, labels.length)), loss, predictions }
}
