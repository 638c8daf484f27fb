import { AdamW } from '../../lib/optim/adamw.ts'
import { WeightAverage } from '../../lib/optim/weight-average.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { withFakeCuda } from '../helpers/fake-cuda.ts'
import { countsOf, packSlots, smallLstmModel, smallModel } from '../helpers/small-model.ts'

// Whether a GPU would take what training launches: grids, blocks and shared memory within bounds, no event, stream or
// block of memory used after its end. What the kernels compute is tested on the host (native/test/cuda/shim).
const { test, script } = withFakeCuda(1 << 30)

const models = [
  { name: 'a transformer, attention by cuDNN', make: smallModel },
  { name: 'a transformer, attention by our own kernels', make: smallModel, own: true },
  { name: 'an LSTM', make: smallLstmModel },
]

for (const { name, make, own = false } of models)
  for (const dtype of ['float32', 'bfloat16', 'float16'] as const)
    test(`training steps of ${name}, in ${dtype}`, async (t) => {
      // cuDNN's plans are kept by their shape; the deterministic ones are made here.
      const device = await openDevice('cuda', { deterministic: own })
      t.teardown(() => device.close())
      if (own) script({ function: 'cudnnHasNone', status: 1, times: 1e9 })
      const model = make(device, { dtype })
      const optimizer = new AdamW(device, { dtype })
      const average = new WeightAverage(device, 0.9)
      for (const slots of [[3], [0, 1, 2, 3], [4, 5]]) {
        using _scope = device.scope()
        const randomness = { seed: 7, step: device.tensor([1], [1], 'int32') }
        using tape = device.tape()
        const { batch, targets } = packSlots(device, slots, countsOf(slots), 8)
        const options = { randomness, lossScale: optimizer.lossScale.value }
        tape.backward([...model.forward(batch, targets, options).values()])
        optimizer.step(model.arenas(), 1e-3)
        average.update(model.arenas(), optimizer.skip)
      }
      await t.notThrowsAsync(device.synchronize())
      script()
    })
