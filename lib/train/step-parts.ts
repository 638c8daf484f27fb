import type { MicroBatch } from '../data/batch.ts'
import type { Arena } from '../nn/arena.ts'
import type { Pass } from '../nn/heads/head.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import type { AdamW } from '../optim/adamw.ts'
import type { WeightAverage } from '../optim/weight-average.ts'
import type { StepInputs } from './step-inputs.ts'
import { trainMicroBatch } from './train-micro-batch.ts'

/** What a step queues. */
export interface StepParts {
  /** Forward and backward of a micro-batch. */
  trainMicroBatch(microBatch: MicroBatch, pass: Pass): void
  /** The optimiser's step, and the average's. */
  update(arenas: readonly Arena[], learningRate: number): void
  dispose(): void
}

/** What the parts work on. */
export interface Trained {
  model: MultiTaskModel
  optimizer: AdamW
  average: WeightAverage | null
  inputs: StepInputs
}

/** Queues each operation by itself. */
export const plainParts = ({ model, optimizer, average, inputs }: Trained): StepParts => ({
  trainMicroBatch: (microBatch, pass) => trainMicroBatch(model, microBatch, inputs, pass),
  update(arenas, learningRate) {
    optimizer.step(arenas, learningRate)
    average?.update(arenas, optimizer.skip)
  },
  dispose() {},
})
