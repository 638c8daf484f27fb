/** Makes tensors without scope, dispose or use, then waits for the garbage collector; run with --expose-gc. */
import { openDevice } from '../../lib/tensor/device.ts'

const device = await openDevice()
for (let i = 0; i < 100; i++) device.zeros([1000], 'float32').slice(0, 10)
await device.synchronize()
const before = device.memory().live
for (let i = 0; i < 20 && device.memory().live > 0; i++) {
  ;(globalThis as { gc?: () => void }).gc?.()
  await new Promise((resolve) => setTimeout(resolve, 5))
}
console.log(JSON.stringify({ before, after: device.memory().live }))
