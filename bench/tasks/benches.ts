// How each pre-training task is shown to be learned.
import { type Evaluation, headlineF1 } from '../../lib/index.ts'
import type { texts } from './texts.ts'

export interface Measured {
  metric: string
  /** What can be had without learning. */
  baseline: number
  baselineName: string
  reached: number
}

/** What is looked at, in the order of a table's rows. */
export const metrics = {
  loss: ({ loss, baseline }) => [
    { metric: 'loss', baseline: baseline.loss, baselineName: baseline.name, reached: loss },
  ],
  f1(evaluation) {
    const f1 = headlineF1(evaluation)
    if (!f1) throw new Error(`${evaluation.task} has no classes`)
    const { name, reached, baseline } = f1
    return [{ metric: name, baseline, baselineName: evaluation.baseline.name, reached }]
  },
  groups: ({ groups = [] }) =>
    groups
      // One class alone is always right.
      .filter(({ chance }) => chance < 1)
      .map(({ name, labels, accuracy, chance }) => ({
        metric: `accuracy, ${name} (${labels})`,
        baseline: chance,
        baselineName: 'chance',
        reached: accuracy,
      })),
} satisfies Record<string, (evaluation: Evaluation) => Measured[]>

/** How a task is shown to be learned. */
export interface Bench {
  task: string
  text: keyof typeof texts
  metric: keyof typeof metrics
  /** The task's classes are the labels of the text. */
  classesOfText?: boolean
  /** Peak for an encoder that has learned already; half of what all have by default. */
  learningRate?: number
}

export const benches: Record<string, Bench> = {
  'knowledge-masking': { task: 'knowledge-masking', text: 'english', metric: 'loss' },
  capitalization: { task: 'capitalization', text: 'english', metric: 'f1' },
  'token-document': { task: 'token-document', text: 'english', metric: 'f1' },
  'sentence-reordering': { task: 'sentence-reordering', text: 'english', metric: 'groups' },
  'sentence-distance': { task: 'sentence-distance', text: 'english', metric: 'f1' },
  'discourse-relation': { task: 'discourse-relation', text: 'english', metric: 'f1' },
  'discourse-relation-units': {
    task: 'discourse-relation',
    text: 'units',
    metric: 'f1',
    classesOfText: true,
  },
  'ir-relevance': { task: 'ir-relevance', text: 'abstracts', metric: 'f1', learningRate: 2e-4 },
  'ir-relevance-questions': { task: 'ir-relevance', text: 'questions', metric: 'f1', learningRate: 2e-4 },
  'ir-relevance-chinese': { task: 'ir-relevance', text: 'queries', metric: 'f1' },
}
