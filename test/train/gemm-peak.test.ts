import test from 'ava'
import { openDevice } from '../../lib/tensor/device.ts'
import { measureGemmPeak } from '../../lib/train/gemm-peak.ts'

test('the ceiling is a rate, and what it was measured with is freed', async (t) => {
  const device = await openDevice()
  const { live } = device.memory()
  for (const dtype of ['float32', 'bfloat16'] as const) {
    const peak = await measureGemmPeak(device, dtype, 0)
    // Between a processor of the nineties and any machine there is: a wrong unit is outside.
    t.true(peak > 1e8 && peak < 1e17, `${dtype}: ${peak}`)
  }
  t.is(device.memory().live, live)
})
