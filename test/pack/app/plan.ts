import type { Plan } from 'everlearn'

export default {
  encoder: { layers: 1, hiddenSize: 64, heads: 1 },
  corpora: { books: 'corpus' },
  tasks: ['knowledge-masking', 'sentence-distance'],
  iterations: [{ 'knowledge-masking': 1 }, { 'knowledge-masking': 1, 'sentence-distance': 2 }],
  tokensPerStep: 1024,
} satisfies Plan
