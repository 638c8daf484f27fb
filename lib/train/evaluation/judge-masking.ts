import type { StepBatch } from '../../data/batch.ts'
import { uploadBatch, uploadTargets } from '../../nn/batch.ts'
import type { MultiTaskModel } from '../../nn/multi-task-model.ts'
import type { Device } from '../../tensor/device.ts'

/** How well a model masters labels that are a vocabulary's. */
export interface JudgedMasking {
  labels: number[]
  /** Mean of -log p. */
  loss: number
  accuracy: number
}

/**
 * Judges a task whose logits are too many to be read: the device counts. Null when `stop` said so before it was done.
 */
export async function judgeMasking(
  device: Device,
  model: MultiTaskModel,
  steps: Iterable<StepBatch>,
  stop: () => boolean,
): Promise<JudgedMasking | null> {
  const seen: number[] = []
  const [one, statistics] = device.unscoped(() => [
    device.full([1], 1, 'float32'),
    device.zeros([3], 'float32'),
  ])
  try {
    for (const { microBatches } of steps) {
      for (const batch of microBatches) {
        if (stop()) return null
        {
          using _scope = device.scope()
          const targets = batch.targets.map((target) => uploadTargets(device, target, one, statistics))
          model.forward(uploadBatch(device, batch), targets)
        }
        for (const { labels, valid } of batch.targets) seen.push(...labels.subarray(0, valid))
        await device.ready()
      }
    }
    const [loss, correct, labels] = await statistics.read()
    return { labels: seen, loss: loss / labels, accuracy: correct / labels }
  } finally {
    one.dispose()
    statistics.dispose()
  }
}
