import type { FineTuningSettings, FineTuningTask, Method, Plan } from '../../lib/index.ts'

/** In the order that the paper finds, best first. */
export const methods = ['continual-multi-task', 'multi-task', 'continual'] as const satisfies Method[]

/** A set that says what an encoder is good for: it is fine-tuned on it. */
export interface Probe {
  task: FineTuningTask
  /** Files below the folder of the data. */
  train: string
  dev: string
  /** Training rows used at scale 1, the first of an order drawn from the seed. */
  rows: number
  epochs: number
}

/** What the experiment does; whatever is changed changes its results. */
export interface Settings {
  seeds: number[]
  /** Iterations of each pre-training task. */
  iterations: number
  tasks: string[]
  /** Text below the folder of the data, and pieces of the vocabulary that is learned from it. */
  text: string
  vocabularySize: number
  plan: Omit<Plan, 'corpora' | 'tasks' | 'iterations'>
  probes: Probe[]
  fineTuning: Pick<FineTuningSettings, 'learningRate' | 'batchSize' | 'maxLength' | 'dropout' | 'newPooler'>
}

const probes: Probe[] = [
  {
    task: {
      name: 'SST-2',
      columns: { first: 'sentence', label: 'label' },
      labels: ['negative', 'positive'],
      values: ['0', '1'],
      metric: 'accuracy',
    },
    train: 'glue/SST-2/train.tsv.gz',
    dev: 'glue/SST-2/dev.tsv.gz',
    rows: 6000,
    epochs: 2,
  },
  {
    task: {
      name: 'MRPC',
      columns: { first: '#1 String', second: '#2 String', label: 'Quality' },
      labels: ['not_equivalent', 'equivalent'],
      values: ['0', '1'],
      metric: 'accuracy',
    },
    train: 'glue/MRPC/train.tsv.gz',
    dev: 'glue/MRPC/dev.tsv.gz',
    rows: 3668,
    epochs: 2,
  },
  {
    task: {
      name: 'MNLI',
      columns: { first: 'sentence1', second: 'sentence2', label: 'gold_label' },
      labels: ['entailment', 'neutral', 'contradiction'],
      metric: 'accuracy',
    },
    train: 'glue/MNLI/train.tsv.gz',
    dev: 'glue/MNLI/dev_matched.tsv.gz',
    rows: 9000,
    epochs: 1,
  },
]

/**
 * The experiment at a scale: 1 takes about 45 minutes of one slow core. Pre-training grows with the scale, and so do the
 * probes' training rows, as far as there are any.
 */
export function settingsAt(scale: number): Settings {
  return {
    seeds: [1, 2, 3, 4, 5],
    iterations: Math.max(5, Math.round(500 * scale)),
    tasks: ['knowledge-masking', 'capitalization', 'token-document', 'sentence-reordering'],
    text: 'pretrain/en-dialog/*.gz',
    vocabularySize: 8000,
    plan: {
      encoder: { layers: 2, hiddenSize: 128, heads: 2 },
      // Small steps with a high rate: what two slow cores learn with in minutes.
      tokensPerStep: 512,
      maxLength: 64,
      schedule: { type: 'linear', learningRate: 2e-3, warmup: 50 },
      dropout: 0,
      precision: 'float32',
      checkpoint: { every: 500, keep: 1 },
      evaluate: { sequences: 256 },
      workers: 1,
    },
    probes: probes.map((probe) => ({ ...probe, rows: Math.max(32, Math.round(probe.rows * scale)) })),
    fineTuning: {
      learningRate: 5e-4,
      batchSize: 16,
      maxLength: 64,
      dropout: 0,
      // Reordering, so shortly trained, drives it into saturation.
      newPooler: true,
    },
  }
}
