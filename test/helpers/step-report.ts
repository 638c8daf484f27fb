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
