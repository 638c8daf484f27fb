import type { Device } from '../tensor/device.ts'

const elements = 1 << 26
const copies = 10

/** Bytes a second that copies of 256 MiB read and write on a device: the best of a few, in turns long enough to be timed. */
export async function measureCopyPeak(device: Device): Promise<number> {
  using from = device.zeros([elements], 'float32')
  using to = device.empty([elements], 'float32')
  let peak = 0
  for (let turn = 0; turn < 4; turn++) {
    await device.synchronize()
    const start = performance.now()
    for (let i = 0; i < copies; i++) device.run('copy', from, to)
    await device.synchronize()
    const seconds = (performance.now() - start) / 1e3
    peak = Math.max(peak, (2 * 4 * elements * copies) / seconds)
  }
  return peak
}
