import { linear } from '../ops/linear.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'

/** Rows, inputs and outputs of a product. Those of encoders; the best of them is the machine's ceiling. */
const shapes = [
  [1024, 768, 3072],
  [4096, 1024, 256],
  [4096, 256, 256],
  [2048, 1024, 1024],
] as const

/**
 * The highest rate, in FLOP/s, at which this device multiplies matrices of a dtype: the ceiling that training is
 * measured against. Takes about `milliseconds`.
 */
export async function measureGemmPeak(device: Device, dtype: Floating, milliseconds = 200): Promise<number> {
  let peak = 0
  for (const [rows, inputs, outputs] of shapes) {
    using x = device.full([rows, inputs], 0.5, dtype)
    using weight = device.full([outputs, inputs], 0.5, 'float32')
    const product = async () => {
      const y = linear(x, weight)
      await device.synchronize()
      y.dispose()
    }
    await product()
    const end = performance.now() + milliseconds / shapes.length
    do {
      const start = performance.now()
      await product()
      peak = Math.max(peak, (2e3 * rows * inputs * outputs) / (performance.now() - start))
    } while (performance.now() < end)
  }
  return peak
}
