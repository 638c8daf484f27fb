import type { Randomness } from '../nn/randomness.ts'
import type { Device } from '../tensor/device.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Tensors that every step uses again: what differs between steps is data on the device. */
export interface StepInputs {
  /** int32 [1], the number of the step. */
  step: Tensor<'int32'>
  /** float32 [1] each: what the sum of a task's losses is multiplied by. */
  scales: Record<string, Tensor<'float32'>>
  /** float32 [3] each, parts of `allStatistics`: sum of losses, right predictions, labels. */
  statistics: Record<string, Tensor<'float32'>>
  /** float32 [tasks · 3]. */
  allStatistics: Tensor<'float32'>
  randomness(seed: number): Randomness
  dispose(): void
}

export function createStepInputs(device: Device, tasks: string[]): StepInputs {
  return device.unscoped(() => {
    const step = device.zeros([1], 'int32')
    const allStatistics = device.zeros([3 * tasks.length], 'float32')
    const scales = Object.fromEntries(tasks.map((task) => [task, device.zeros([1], 'float32')]))
    const statistics = Object.fromEntries(
      tasks.map((task, index) => [task, allStatistics.slice(3 * index, 3 * index + 3)]),
    )
    return {
      step,
      scales,
      statistics,
      allStatistics,
      randomness: (seed) => ({ seed, step }),
      dispose() {
        const own = [step, ...Object.values(statistics), allStatistics, ...Object.values(scales)]
        for (const tensor of own) tensor.dispose()
      },
    }
  })
}
