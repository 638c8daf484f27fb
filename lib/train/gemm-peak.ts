import { linear } from '../ops/linear.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Least rows, inputs and outputs of a product. Those of encoders; the best of them is the machine's ceiling. */
const shapes = [
  [256, 768, 3072],
  [1024, 1024, 256],
  [1024, 256, 1024],
  [512, 1024, 1024],
] as const

/** Seconds from which a product is long beside the way to the device and back. */
const enough = 0.005
const mostRows = 8192

/**
 * The highest rate, in FLOP/s, at which this device multiplies matrices of a dtype: the ceiling that training is
 * measured against. Shapes take turns, so that what else the machine does for a moment holds back none of them alone;
 * the best time of the best shape counts. Call it before anything else runs beside it. Takes about `milliseconds` after
 * a first product of each shape, which warms up and finds how many rows make it long enough to be timed.
 */
export async function measureGemmPeak(device: Device, dtype: Floating, milliseconds = 300): Promise<number> {
  const products = shapes.map(([rows, inputs, outputs]) => ({
    rows: rows as number,
    weight: device.full([outputs, inputs], 0.5, 'float32'),
  }))
  try {
    for (const product of products) {
      while (product.rows < mostRows && (await secondsOf(device, dtype, product)) < enough) product.rows *= 2
    }
    let peak = 0
    const end = performance.now() + milliseconds
    do {
      for (const product of products) {
        const operations = 2 * product.rows * product.weight.size
        peak = Math.max(peak, operations / (await secondsOf(device, dtype, product)))
      }
    } while (performance.now() < end)
    return peak
  } finally {
    for (const { weight } of products) weight.dispose()
  }
}

async function secondsOf(
  device: Device,
  dtype: Floating,
  { rows, weight }: { rows: number; weight: Tensor<'float32'> },
): Promise<number> {
  using x = device.full([rows, weight.shape[1]], 0.5, dtype)
  await device.synchronize()
  const start = performance.now()
  using _y = linear(x, weight)
  await device.synchronize()
  return (performance.now() - start) / 1e3
}
