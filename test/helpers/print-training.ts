/**
 * Trains a small model (arguments: dtype, encoder) for a few steps and prints a hash of everything it holds; run with
 * EVERLEARN_THREADS=n.
 */
import { createHash } from 'node:crypto'
import { AdamW } from '../../lib/optim/adamw.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import type { Floating } from '../../lib/tensor/dtype.ts'
import { countsOf, packSlots, smallLstmModel, smallModel } from './small-model.ts'

const dtype = process.argv[2] as Floating
const device = await openDevice()
const make = process.argv[3] === 'lstm' ? smallLstmModel : smallModel
const model = make(device, { dtype, config: { hiddenSize: 128, layers: 3 } })
const optimizer = new AdamW(device, { dtype })
const slots = Array.from({ length: 48 }, (_, i) => i)
for (let step = 1; step <= 3; step++) {
  using _scope = device.scope()
  const randomness = { seed: 1, step: device.tensor(Int32Array.of(step)) }
  using tape = device.tape()
  const { batch, targets } = packSlots(device, slots, countsOf(slots), 11)
  const { value: lossScale } = optimizer.lossScale
  tape.backward([...model.forward(batch, targets, { randomness, lossScale }).values()])
  optimizer.step(model.arenas(), 1e-3)
}
const hash = createHash('sha256')
for (const { parameters, firstMoments, secondMoments } of model.arenas())
  for (const tensor of [parameters, firstMoments, secondMoments]) hash.update(await tensor.read())
console.log(JSON.stringify({ threads: device.info().threads, hash: hash.digest('hex') }))
