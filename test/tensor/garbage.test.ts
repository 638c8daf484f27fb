import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { GCProfiler } from 'node:v8'
import test from 'ava'
import { openDevice } from '../../lib/tensor/device.ts'

const script = new URL('../helpers/forget-tensors.ts', import.meta.url).pathname

test('tensors that were forgotten are freed by the garbage collector', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import=tsx', script])
  const { before, after } = JSON.parse(stdout)
  t.true(before >= 100 * 4000)
  t.true(after < before / 10, `${after} of ${before} bytes are left`)
})

test('memory that steps take and give back starts no collection', async (t) => {
  const device = await openDevice('cpu')
  t.teardown(() => device.close())
  const profiler = new GCProfiler()
  profiler.start()
  for (let step = 0; step < 10; step++) {
    {
      using _scope = device.scope()
      for (let i = 0; i < 20; i++) device.empty([32 << 20], 'uint8')
    }
    await device.synchronize()
  }
  const full = profiler.stop().statistics.filter(({ gcType }) => gcType !== 'Scavenge')
  t.true(full.length <= 2, `${full.length} collections`)
})
