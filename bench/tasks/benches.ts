// How each pre-training task is shown to be learned.
import { type Evaluation, headlineF1, type Plan } from '../../lib/index.ts'
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
export interface Bench extends Pick<Plan, 'dropout'> {
  task: string
  text: keyof typeof texts
  metric: keyof typeof metrics
  /** The task's classes, where it does not have them by itself: those given, or all labels of the text. */
  classes?: 'labels of the text' | readonly string[]
  /** Token tasks in the same batches: with masking beside it a sentence task begins to be learned much earlier. */
  beside?: string[]
  /** Longest input: short ones are more in a step. */
  maxLength?: number
  /** Peak for an encoder that has learned already. */
  learningRate?: number
}

export const benches: Record<string, Bench> = {
  // Text that is read once is not learned by heart.
  'knowledge-masking': { task: 'knowledge-masking', text: 'english', metric: 'loss', dropout: 0 },
  capitalization: { task: 'capitalization', text: 'english', metric: 'f1' },
  'token-document': { task: 'token-document', text: 'english', metric: 'f1' },
  'sentence-reordering': { task: 'sentence-reordering', text: 'english', metric: 'groups' },
  'sentence-reordering-dialogues': {
    task: 'sentence-reordering',
    text: 'dialogues',
    metric: 'groups',
    maxLength: 64,
    learningRate: 5e-4,
  },
  'sentence-distance': { task: 'sentence-distance', text: 'english', metric: 'f1' },
  'sentence-distance-dialogues': {
    task: 'sentence-distance',
    text: 'dialogues',
    metric: 'f1',
    beside: ['knowledge-masking'],
    maxLength: 64,
    learningRate: 1e-3,
  },
  'discourse-relation': {
    task: 'discourse-relation',
    text: 'english',
    metric: 'f1',
    learningRate: 5e-4,
  },
  // The ten commonest: most of the others are not met often enough in so little text.
  'discourse-relation-common': {
    task: 'discourse-relation',
    text: 'english',
    metric: 'f1',
    classes: [
      '[no-conn]',
      'but',
      'and',
      'however',
      'for example',
      'therefore',
      'thus',
      'on the other hand',
      'nevertheless',
      'meanwhile',
    ],
  },
  'discourse-relation-units': {
    task: 'discourse-relation',
    text: 'units',
    metric: 'f1',
    classes: 'labels of the text',
  },
  'ir-relevance': { task: 'ir-relevance', text: 'abstracts', metric: 'f1' },
  'ir-relevance-duplicates': { task: 'ir-relevance', text: 'duplicates', metric: 'f1' },
  'ir-relevance-questions': { task: 'ir-relevance', text: 'questions', metric: 'f1' },
  'ir-relevance-chinese': { task: 'ir-relevance', text: 'queries', metric: 'f1' },
}
