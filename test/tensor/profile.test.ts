import test from 'ava'
import { add } from '../../lib/ops/add.ts'
import { gatherRows } from '../../lib/ops/gather-rows.ts'
import { mul } from '../../lib/ops/mul.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import type { OperationTimes } from '../../lib/tensor/native.ts'

const device = await openDevice()

const callsOf = (times: OperationTimes) =>
  Object.fromEntries(Object.entries(times).map(([name, { calls }]) => [name, calls]))

test.serial('operations are counted and timed while they are profiled, and only then', async (t) => {
  using _scope = device.scope()
  const x = device.tensor(new Float32Array(1 << 16))
  add(x, x)
  const start = performance.now()
  const times = await device.profile(() => {
    for (let i = 0; i < 3; i++) add(x, mul(x, x))
    device.zeros([4], 'int32')
  })
  const elapsed = (performance.now() - start) / 1e3
  t.deepEqual(callsOf(times), { add: 3, fill: 1, mul: 3 })
  const all = Object.values(times).map(({ seconds }) => seconds)
  t.true(all.every((seconds) => seconds > 0))
  t.true(all.reduce((sum, seconds) => sum + seconds) <= elapsed)
  mul(x, x)
  t.deepEqual(callsOf(await device.profile(() => add(x, x))), { add: 1 })
  t.deepEqual(await device.profile(() => {}), {})
})

test.serial('what fails while it is profiled is told as it is elsewhere', async (t) => {
  const device = await openDevice('cpu') // which looks at indices
  t.teardown(() => device.close())
  const x = device.tensor([1, 2, 3, 4], [2, 2])
  const beyond = device.tensor(Int32Array.of(7))
  const told = await t.throwsAsync(device.profile(() => gatherRows(x, beyond)))
  gatherRows(x, beyond)
  const alone = await t.throwsAsync(device.synchronize())
  t.is(told?.message, alone?.message)
  await t.throwsAsync(
    device.profile(() => {
      throw new Error('of the work')
    }),
    { message: 'of the work' },
  )
  t.deepEqual(callsOf(await device.profile(() => add(x, x))), { add: 1 })
})
