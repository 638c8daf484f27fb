import test from 'ava'
import { openDevice } from '../../lib/tensor/device.ts'
import type { Floating } from '../../lib/tensor/dtype.ts'
import { countsOf, packSlots, smallLstmModel, smallModel } from '../helpers/small-model.ts'

const models = { transformer: smallModel, lstm: smallLstmModel }
const slots = Array.from({ length: 40 }, (_, i) => i)

/** Losses and gradients of one step with dropout, and the most memory it took beyond what the model has. */
async function stepOf(type: keyof typeof models, dtype: Floating, activationCheckpointing: boolean) {
  const device = await openDevice()
  const config = { hiddenSize: 64, layers: 6 }
  const model = models[type](device, { dtype, dropout: 0.1, activationCheckpointing, config })
  const arenas = model.arenas()
  for (const arena of arenas) void arena.gradients
  const before = device.memory()
  const values: Float32Array[] = []
  {
    using _scope = device.scope()
    const step = device.tensor(Int32Array.of(5))
    using tape = device.tape()
    const { batch, targets } = packSlots(device, slots, countsOf(slots), 3)
    const losses = [...model.forward(batch, targets, { randomness: { seed: 3, step } }).values()]
    // The tape holds what the layers need to be run again.
    const { ids, positions, segments, tasks, rows, offsets } = batch
    for (const tensor of [step, ids, positions, segments, tasks, rows, offsets]) tensor.dispose()
    tape.backward(losses)
    for (const loss of losses) values.push(await loss.read())
  }
  const after = device.memory()
  for (const arena of arenas) values.push(await arena.gradients.read())
  model.dispose()
  device.close()
  return { values, live: after.live - before.live, extra: after.peak - before.live }
}

for (const type of ['transformer', 'lstm'] as const)
  for (const dtype of ['float32', 'bfloat16'] as const)
    test.serial(`${type}, ${dtype}: the same gradients to the bit, from less memory`, async (t) => {
      const kept = await stepOf(type, dtype, false)
      const remade = await stepOf(type, dtype, true)
      t.deepEqual(remade.values, kept.values)
      t.true(kept.values.every((values) => values.some((value) => value !== 0)))
      t.is(kept.live, 0)
      t.is(remade.live, 0)
      t.true(remade.extra < kept.extra / 2, `${remade.extra} bytes at most, ${kept.extra} without`)
    })
