import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What float16 gradients are multiplied by, and its history: on the device, so that no step waits for the host. */
export interface LossScale {
  /** float32 [1]. */
  value: Tensor<'float32'>
  /** int32 [1]: good steps in a row since the value last changed. */
  goodSteps: Tensor<'int32'>
  /** int32 [1]: steps that were not taken because a gradient was not finite. */
  skipped: Tensor<'int32'>
  /** Good steps after which the value doubles; 0: it never changes. */
  growthInterval: number
  dispose(): void
}

/** float16: dynamic, from 65536, doubled after 2000 good steps, halved on overflow. Else always 1. */
export function createLossScale(device: Device, dtype: Floating): LossScale {
  const dynamic = dtype === 'float16'
  return device.unscoped(() => {
    const value = device.full([1], dynamic ? 65536 : 1, 'float32')
    const goodSteps = device.zeros([1], 'int32')
    const skipped = device.zeros([1], 'int32')
    return {
      value,
      goodSteps,
      skipped,
      growthInterval: dynamic ? 2000 : 0,
      dispose() {
        for (const tensor of [value, goodSteps, skipped]) tensor.dispose()
      },
    }
  })
}
