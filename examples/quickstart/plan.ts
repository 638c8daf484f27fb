import type { Plan } from '../../lib/index.ts'

export default {
  name: 'quickstart',
  encoder: 'mini',
  corpora: { sample: '../../runs/quickstart/corpus/train' },
  heldOut: { sample: '../../runs/quickstart/corpus/held-out' },
  tasks: ['knowledge-masking', 'sentence-distance'],
  // Two stages: masking; then both. About 1.6 million tokens.
  iterations: [{ 'knowledge-masking': 800 }, { 'knowledge-masking': 500, 'sentence-distance': 800 }],
  // The paper takes 393,216 tokens a step, Adam with a peak learning rate of 5e-5 and 4,000 warmup steps for each task.
  // In two minutes nothing is learned that way: many small steps with a high rate, soon reached, do better here.
  tokensPerStep: 1024,
  maxLength: 128,
  schedule: { type: 'linear', learningRate: 1e-3, warmup: 100 },
  checkpoint: { every: 500 },
  evaluate: { sequences: 2048 },
} satisfies Plan
