// What the paper's English and Chinese runs have in common (sections 4.2 and 4.3).
import type { Plan } from '../../lib/index.ts'

/** Knowledge masking: words or characters, then phrases and entities too, as in ERNIE 1.0 (the shares are ours). */
export const masking = {
  task: 'knowledge-masking',
  levels: [
    { from: 0, basic: 1 },
    { from: 0.5, basic: 1, phrase: 1, entity: 1 },
  ],
}

/** @param learningRate the peak, 5e-5 in English and 1.28e-4 in Chinese */
export const settings = (learningRate: number) =>
  ({
    // "Each task is trained until its metrics converge"; the paper does not say how long that took.
    iterations: { until: 'converged', atMost: 100_000 },
    tokensPerStep: 393_216,
    maxLength: 512,
    microBatch: { tokens: 8192 },
    precision: 'float16',
    optimizer: { beta1: 0.9, beta2: 0.98 },
    schedule: { type: 'noam', learningRate, warmup: 4000, rewarm: true },
  }) satisfies Partial<Plan>
