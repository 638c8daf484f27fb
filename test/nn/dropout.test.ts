import test from 'ava'
import { siteOf } from '../../lib/nn/site.ts'
import { attention } from '../../lib/ops/attention.ts'
import { dropout } from '../../lib/ops/dropout.ts'
import { sum } from '../../lib/ops/sum.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { isClose, relativeError } from '../helpers/compare.ts'
import { countsOf, lengthOf, packSlots, smallModel } from '../helpers/small-model.ts'

const device = await openDevice()
const slots = [4, 0, 9, 13, 2, 7]
const counts = countsOf(slots)
const hiddenSize = 32

/** Hidden states of every slot, in the order of `slots`, from a batch packed in another order. */
async function hiddenOf(
  order: readonly number[],
  tail: number,
  randomness: { seed: number; step: number } | null,
) {
  using _scope = device.scope()
  const model = smallModel(device)
  const { batch, starts } = packSlots(device, order, counts, tail)
  const step = randomness && { seed: randomness.seed, step: device.tensor(Int32Array.of(randomness.step)) }
  const values = await model.encoder.encode(batch, step).toFloat32()
  model.dispose()
  return Float32Array.from(
    slots.flatMap((slot) => {
      const start = starts[order.indexOf(slot)]
      return [...values.subarray(start * hiddenSize, (start + lengthOf(slot)) * hiddenSize)]
    }),
  )
}

test.serial('masks are the same for any packing of the same inputs', async (t) => {
  const randomness = { seed: 11, step: 5 }
  const one = await hiddenOf(slots, 0, randomness)
  isClose(t, await hiddenOf([...slots].reverse(), 17, randomness), one, 1e-5, 'another order, with a tail')
  t.true(relativeError(await hiddenOf(slots, 0, null), one) > 0.05, 'there is dropout')
  t.true(
    relativeError(await hiddenOf(slots, 0, { seed: 11, step: 6 }), one) > 0.05,
    'other masks in another step',
  )
  t.true(
    relativeError(await hiddenOf(slots, 0, { seed: 12, step: 5 }), one) > 0.05,
    'other masks with another seed',
  )
})

test.serial('a step’s gradient is the same for any split into micro-batches', async (t) => {
  const gradientOf = async (split: readonly (readonly number[])[]) => {
    using _scope = device.scope()
    const model = smallModel(device)
    const randomness = { seed: 11, step: device.tensor(Int32Array.of(5)) }
    for (const part of split) {
      using tape = device.tape()
      const { batch, targets } = packSlots(device, part, counts)
      tape.backward([...model.forward(batch, targets, { randomness }).values()])
    }
    const gradients = await Promise.all(model.arenas().map((arena) => arena.gradients.read()))
    model.dispose()
    return Float32Array.from(gradients.flatMap((values) => [...values]))
  }
  const whole = await gradientOf([slots])
  isClose(t, await gradientOf([slots.slice(0, 3), slots.slice(3)]), whole, 1e-5, 'two halves')
  isClose(t, await gradientOf([[13], [2, 4, 0], [9, 7]]), whole, 1e-5, 'three parts in another order')
})

test.serial(
  'the share kept is within five deviations, and what is kept grows to make up for it',
  async (t) => {
    using _scope = device.scope()
    const [m, c] = [1024, 768]
    const rows = device.tensor(Int32Array.from({ length: m }, (_, i) => i))
    const step = device.tensor(Int32Array.of(1))
    for (const probability of [0.1, 0.5, 0.9]) {
      const site = { rows, step, seed: 1, site: siteOf('here'), probability }
      const values = await dropout(device.full([m, c], 1, 'float32'), site).read()
      const kept = values.filter((value) => value !== 0)
      const deviation = Math.sqrt(m * c * probability * (1 - probability))
      t.true(Math.abs(kept.length - m * c * (1 - probability)) <= 5 * deviation, `${kept.length} kept`)
      t.true(kept.every((value) => Math.abs(value * (1 - probability) - 1) < 1e-6))
    }
  },
)

test.serial('attention keeps its share of probabilities', async (t) => {
  using _scope = device.scope()
  const [length, sequences, heads, size] = [64, 8, 4, 8]
  const [m, c] = [length * sequences, heads * size]
  const values = new Float32Array(m * 3 * c)
  for (let row = 0; row < m; row++) values.fill(1, row * 3 * c + 2 * c, (row + 1) * 3 * c)
  const y = attention(
    device.tensor(values, [m, 3 * c]),
    device.tensor(Int32Array.from({ length: sequences + 1 }, (_, s) => s * length)),
    heads,
    {
      rows: device.tensor(Int32Array.from({ length: m }, (_, i) => i)),
      step: device.tensor(Int32Array.of(1)),
      seed: 1,
      site: siteOf('here'),
      probability: 0.1,
    },
  )
  const result = await y.read()
  // Equal scores: each value of a head is (kept keys / keys) / 0.9.
  let kept = 0
  for (let i = 0; i < result.length; i += size) kept += result[i] * 0.9 * length
  const drawn = m * heads * length
  t.true(Math.abs(kept - drawn * 0.9) <= 5 * Math.sqrt(drawn * 0.09), `${kept} of ${drawn} kept`)
  const distinct = new Set(result)
  t.true(distinct.size > 10, 'rows and heads draw apart')
})

test.serial('forward and backward drop the same values', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const x = device.parameter(new Float32Array(64 * 96).fill(1), [64, 96])
  const site = {
    rows: device.tensor(Int32Array.from({ length: 64 }, (_, i) => 7 * i)),
    step: device.tensor(Int32Array.of(9)),
    seed: 5,
    site: siteOf('here'),
    probability: 0.3,
  }
  const y = dropout(x, site)
  tape.backward(sum(y))
  t.deepEqual(await x.gradient.read(), await y.read())
})

test('sites are FNV-1a of their paths', (t) => {
  t.is(siteOf(''), 0x811c9dc5)
  t.is(siteOf('a'), 0xe40c292c)
  t.is(siteOf('foobar'), 0xbf9cf968)
})
