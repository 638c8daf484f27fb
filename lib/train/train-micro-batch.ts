import type { MicroBatch } from '../data/batch.ts'
import { type EncoderBatch, type HeadTargets, uploadBatch, uploadTargets } from '../nn/batch.ts'
import type { Pass } from '../nn/heads/head.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import type { StepInputs } from './step-inputs.ts'

/** Queues forward and backward of one micro-batch: its gradients are added to those in the arenas. */
export function trainMicroBatch(
  model: MultiTaskModel,
  microBatch: MicroBatch,
  { scales, statistics }: Pick<StepInputs, 'scales' | 'statistics'>,
  pass: Pass,
): void {
  const { device } = model.encoder
  using _scope = device.scope()
  const targets = microBatch.targets.map((target) =>
    uploadTargets(device, target, scales[target.task], statistics[target.task]),
  )
  trainUploaded(model, uploadBatch(device, microBatch), targets, pass)
}

/** The same for what is on the device. */
export function trainUploaded(
  model: MultiTaskModel,
  batch: EncoderBatch,
  targets: readonly HeadTargets[],
  pass: Pass,
): void {
  const { device } = model.encoder
  using _scope = device.scope()
  using tape = device.tape()
  tape.backward([...model.forward(batch, targets, pass).values()])
}
