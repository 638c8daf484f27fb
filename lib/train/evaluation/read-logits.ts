import type { MicroBatch } from '../../data/batch.ts'
import { uploadBatch } from '../../nn/batch.ts'
import type { MultiTaskModel } from '../../nn/multi-task-model.ts'
import type { Device } from '../../tensor/device.ts'

/**
 * What a task's head says about some tokens of a batch, without dropout.
 *
 * @param index tokens of the batch, -1 where unused
 * @returns logits, [index.length, width] row-major; columns beyond the head's classes are padding
 */
export async function readLogits(
  device: Device,
  model: MultiTaskModel,
  task: string,
  batch: MicroBatch,
  index: Int32Array,
): Promise<{ logits: Float32Array; width: number }> {
  const read = () => {
    using _scope = device.scope()
    const tensor = model.predict(
      task,
      uploadBatch(device, batch),
      device.tensor(index, [index.length], 'int32'),
    )
    return { reading: tensor.toFloat32(), width: tensor.shape[1] }
  }
  const { reading, width } = read()
  return { logits: await reading, width }
}
