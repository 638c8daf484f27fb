import type { ExecutionContext } from 'ava'
import { Communicator } from '../../lib/distributed/communicator.ts'
import { type Device, openDevice } from '../../lib/tensor/device.ts'
import { withFakeCuda } from '../helpers/fake-cuda.ts'

// What becomes of collectives that fail, on an NCCL that fails as it is told to.
const { test, script } = withFakeCuda(64 << 20)
const ncclInProgress = 7
const ncclRemoteError = 6
const ncclInvalidUsage = 5
const restart = /start all ranks again, from the last checkpoint$/

async function opened(t: ExecutionContext): Promise<Device> {
  const device = await openDevice('cuda')
  t.teardown(() => device.close())
  return device
}

const join = (device: Device, timeout?: number) =>
  Communicator.join(device, { id: Communicator.makeId(), rank: 0, size: 1, timeout })

/** Joining again is what makes a device of good use after a failure. */
async function worksAgain(t: ExecutionContext, device: Device): Promise<void> {
  script()
  const communicator = await join(device)
  using x = device.tensor([3, 4])
  communicator.allReduce(x)
  communicator.wait()
  t.deepEqual(await x.read(), Float32Array.of(3, 4))
  await communicator.leave()
  t.deepEqual(await x.read(), Float32Array.of(3, 4))
}

test('each collective moves what it should', async (t) => {
  const device = await opened(t)
  using _scope = device.scope()
  const communicator = await join(device)
  const x = device.tensor([1, 2])
  const out = [0, 1, 2].map(() => device.tensor([0, 0]))
  communicator.allReduce(x, out[0])
  communicator.reduceScatter(x, out[1])
  communicator.allGather(x, out[2])
  communicator.broadcast(x)
  communicator.wait()
  for (const tensor of [x, ...out]) t.deepEqual(await tensor.read(), Float32Array.of(1, 2))
  await communicator.leave()
})

test('ranks that never come', async (t) => {
  const device = await opened(t)
  using x = device.tensor([1])
  script({ function: 'ncclState', status: ncclInProgress, times: 1e9 })
  await t.throwsAsync(join(device, 0.2), {
    name: 'EverlearnError',
    code: 'COMMUNICATION',
    message: /^waiting for all ranks to come took longer than 0\.2\d* s; start all ranks again/,
  })
  t.deepEqual(await x.read(), Float32Array.of(1))
  await worksAgain(t, device)
})

test('an id that NCCL does not make, a call that it refuses', async (t) => {
  const device = await opened(t)
  script({ function: 'ncclGetUniqueId', status: 2 })
  t.throws(() => Communicator.makeId(), { code: 'COMMUNICATION', message: /^NCCL makes no id: a scripted/ })
  const communicator = await join(device)
  using x = device.tensor([1])
  await device.synchronize()
  script({ function: 'ncclAllReduce', status: ncclInvalidUsage })
  communicator.allReduce(x)
  await t.throwsAsync(x.read(), { code: 'COMMUNICATION', message: /^allReduce: a scripted failure of NCCL/ })
  t.deepEqual(await x.read(), Float32Array.of(1))
  await worksAgain(t, device)
})

test('a collective that is not done in time ends, and all that waits for it, with its name', async (t) => {
  const device = await opened(t)
  using x = device.tensor([1, 2, 3])
  const communicator = await join(device, 0.3)
  script({ function: 'hang', status: 1 })
  communicator.allReduce(x)
  communicator.wait()
  const error = await t.throwsAsync(x.read(), { code: 'COMMUNICATION' })
  t.regex(
    error?.message ?? '',
    /^collective 0 \(allReduce of 12 bytes\) was not done within 0\.3\d* s: another rank has stopped or never/,
  )
  t.regex(error?.message ?? '', restart)
  communicator.allReduce(x)
  await t.throwsAsync(device.synchronize(), { code: 'COMMUNICATION', message: /^collective 0 / })
  await worksAgain(t, device)
})

test('a rank that is gone ends the wait at once', async (t) => {
  const device = await opened(t)
  using x = device.tensor([1])
  const communicator = await join(device, 60)
  script({ function: 'hang', status: 1 }, { function: 'ncclState', status: ncclRemoteError, times: 1e9 })
  communicator.broadcast(x)
  communicator.wait()
  await t.throwsAsync(x.read(), {
    code: 'COMMUNICATION',
    message: /^another rank or the network failed: remote process exited; start all ranks/,
  })
  await worksAgain(t, device)
})

test('giving up ends what runs', async (t) => {
  const device = await opened(t)
  using x = device.tensor([1])
  const communicator = await join(device, 60)
  script({ function: 'hang', status: 1 })
  communicator.allReduce(x)
  communicator.wait()
  const reading = x.read()
  communicator.abort()
  await t.throwsAsync(reading, { code: 'COMMUNICATION', message: /^this process gave up training together/ })
  await worksAgain(t, device)
})

test('a device closes while a collective hangs', async (t) => {
  const device = await opened(t)
  const x = device.tensor([1])
  const communicator = await join(device, 60)
  await device.synchronize()
  script({ function: 'hang', status: 1 })
  communicator.allReduce(x)
  await new Promise((resolve) => setTimeout(resolve, 50)) // most likely it runs by then
  device.close()
  script()
  t.pass()
})

test('collectives of a device that belongs to no communicator, of tensors of another and of sizes that do not fit', async (t) => {
  const [device, other] = [await opened(t), await opened(t)]
  using x = device.tensor([1, 2])
  using y = other.tensor([1, 2])
  using longer = device.tensor([1, 2, 3])
  const communicator = await join(device)
  t.throws(() => communicator.allReduce(x, y), { code: 'ARGUMENT', message: /another device's/ })
  t.throws(() => communicator.allReduce(x, longer), { code: 'SHAPE', message: /^allReduce: .* 2 elements/ })
  await communicator.leave()
  t.throws(() => communicator.allReduce(x), { code: 'COMMUNICATION', message: /belongs to no communicator/ })
  await device.synchronize()
})
