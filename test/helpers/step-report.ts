import type { StepReport } from '../../lib/train/events.ts'

export const memory = { live: 1, cached: 2, peak: 3 }

/** What the trainer tells of a step: 10 labels of one task. */
export const stepReport = (
  step: number,
  changes: Partial<StepReport> = {},
): StepReport & { memory: typeof memory } => ({
  step,
  stage: 1,
  corpus: 'books',
  tasks: { masking: { loss: 60, correct: 2, labels: 10 } },
  learningRate: 1e-3,
  tokens: 100,
  operations: 1e6,
  gradientNorm: 0.5,
  lossScale: 1,
  skipped: false,
  skippedSteps: 0,
  memory,
  ...changes,
})

/** What is found out of masking on held-out text. */
export const evaluated = {
  stage: 1,
  step: 500,
  task: 'masking',
  corpus: 'books',
  sequences: 2,
  labels: 3,
  loss: 2.5,
  accuracy: 0.25,
  standardError: 0.1,
  baseline: { name: 'unigram', loss: 5, accuracy: 0.1 },
} as const
