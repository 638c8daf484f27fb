import { Communicator } from '../../lib/distributed/communicator.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { withFakeCuda } from '../helpers/fake-cuda.ts'

// Libraries are opened once a process, so what an NCCL that is too old does has a file of its own.
const { test, script } = withFakeCuda(64 << 20)

test('an NCCL that is too old is named where it is wanted, and nothing else misses it', async (t) => {
  script({ function: 'ncclGetVersion', status: 21304 })
  const device = await openDevice('cuda')
  t.teardown(() => device.close())
  using x = device.tensor([1, 2])
  t.deepEqual(await x.read(), Float32Array.of(1, 2))
  const refused = {
    name: 'EverlearnError',
    code: 'LIBRARY_MISSING',
    message: /^NCCL is needed to train on several GPUs: .*2\.13\.4.*2\.14/,
  }
  t.throws(() => Communicator.makeId(), refused)
  await t.throwsAsync(Communicator.join(device, { id: new Uint8Array(128), rank: 0, size: 1 }), refused)
  t.deepEqual(await x.read(), Float32Array.of(1, 2))
})
