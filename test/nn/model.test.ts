import test from 'ava'
import { encoderConfig } from '../../lib/nn/config.ts'
import { AdamW } from '../../lib/optim/adamw.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { relativeError } from '../helpers/compare.ts'
import { countsOf, lossesOfTraining, packSlots, smallModel } from '../helpers/small-model.ts'

const device = await openDevice()
const slots = [3, 1, 8, 5]
const counts = countsOf(slots)

test('sizes have the numbers of the paper, and others may be given', (t) => {
  const base = encoderConfig('base', 30522)
  t.like(base, { layers: 12, hiddenSize: 768, heads: 12, intermediateSize: 3072, layerNormEpsilon: 1e-5 })
  t.like(encoderConfig('large', 30522), { layers: 24, hiddenSize: 1024, heads: 16 })
  t.like(encoderConfig('mini', 100), { layers: 4, hiddenSize: 256, heads: 4, taskTypes: 16, segmentTypes: 4 })
  t.like(encoderConfig({ layers: 1, hiddenSize: 8, heads: 2, activation: 'relu' }, 10), {
    activation: 'relu',
  })
  t.throws(() => encoderConfig({ layers: 1, hiddenSize: 10, heads: 3 }, 10), { code: 'ENCODER_CONFIG' })
  t.throws(() => encoderConfig({ layers: 0, hiddenSize: 8, heads: 2 }, 10), { message: /layers.*found 0/ })
})

test.serial('adding a head touches nothing else', async (t) => {
  using _scope = device.scope()
  const model = smallModel(device)
  t.teardown(() => model.dispose())
  const before = await Promise.all(model.arenas().map((arena) => arena.parameters.read()))
  const head = model.addHead('score', { kind: 'regression' })
  t.is(head.classes, 1)
  const after = await Promise.all(model.arenas().map((arena) => arena.parameters.read()))
  t.deepEqual(after.slice(0, -1), before)
  t.throws(() => model.addHead('score', { kind: 'regression' }), { code: 'HEAD_EXISTS', message: /score/ })
  t.throws(() => model.head('none'), { code: 'HEAD_UNKNOWN', message: /words, sentence, capitals, score/ })
  t.throws(() => model.addHead('x', { kind: 'other' } as never), { code: 'HEAD', message: /other/ })
  t.throws(() => model.addHead('x', { kind: 'token-classification', classes: 0 }), { code: 'HEAD' })
})

test.serial('a step trains the heads that have a loss in it, and no other', async (t) => {
  using _scope = device.scope()
  const model = smallModel(device)
  const optimizer = new AdamW(device)
  t.teardown(() => {
    model.dispose()
    optimizer.dispose()
  })
  const others = ['sentence', 'capitals'].map((name) => model.head(name).arena)
  const before = await Promise.all(others.map((arena) => arena.parameters.read()))
  using tape = device.tape()
  const { batch, targets } = packSlots(device, slots, counts)
  tape.backward([...model.forward(batch, targets.slice(0, 1)).values()])
  optimizer.step(model.arenas(['words']), 1e-3)
  t.deepEqual(await Promise.all(others.map((arena) => arena.parameters.read())), before)
  t.deepEqual(await others[0].steps.read(), Int32Array.of(0))
  t.deepEqual(await model.encoder.arena.steps.read(), Int32Array.of(1))
  t.true((await model.encoder.arena.gradients.read()).every((value) => value === 0))
})

for (const dtype of ['float32', 'bfloat16', 'float16'] as const)
  test.serial(`training lowers the losses of all heads, ${dtype}`, async (t) => {
    const model = smallModel(device, { dtype, dropout: 0 })
    const optimizer = new AdamW(device, { dtype })
    t.teardown(() => {
      model.dispose()
      optimizer.dispose()
    })
    const losses = await lossesOfTraining(model, optimizer, slots)
    t.deepEqual(losses.map(([name]) => name).sort(), ['capitals', 'sentence', 'words'])
    for (const [name, values] of losses)
      t.true(values.at(-1)! < values[0] / 2, `${name}: ${values[0]} to ${values.at(-1)}`)
    t.deepEqual(await optimizer.lossScale.skipped.read(), Int32Array.of(0))
    t.is((await optimizer.lossScale.value.read())[0], dtype === 'float16' ? 65536 : 1)
  })

test.serial('a regression head learns numbers, values that are missing do not count', async (t) => {
  const model = smallModel(device, { dropout: 0 })
  model.addHead('score', { kind: 'regression' })
  const optimizer = new AdamW(device)
  t.teardown(() => {
    model.dispose()
    optimizer.dispose()
  })
  const wanted = Float32Array.of(0.5, Number.NaN, -1, 2, Number.NaN)
  for (let step = 1; step <= 60; step++) {
    using _scope = device.scope()
    using tape = device.tape()
    const { batch, targets } = packSlots(device, slots, counts)
    const target = {
      ...targets[1],
      head: 'score',
      labels: device.tensor(wanted),
      scale: device.tensor([1 / 3]),
    }
    tape.backward([...model.forward(batch, [target]).values()])
    optimizer.step(model.arenas(['score']), 1e-2)
    if (step < 60) continue
    const predicted = await model.predict('score', batch, targets[1].index).toFloat32()
    for (const i of [0, 2, 3])
      t.true(Math.abs(predicted[i] - wanted[i]) < 0.1, `${predicted[i]}, ${wanted[i]}`)
  }
  using _scope = device.scope()
  const { batch, targets } = packSlots(device, slots, counts)
  t.throws(() => model.forward(batch, [{ ...targets[1], head: 'score' }]), {
    code: 'DTYPE',
    message: /score/,
  })
  t.throws(() => model.forward(batch, [{ ...targets[0], labels: device.tensor([1]) }]), { code: 'DTYPE' })
})

test.serial('half precision follows float32', async (t) => {
  using _scope = device.scope()
  const hidden: Float32Array[] = []
  for (const dtype of ['float32', 'bfloat16', 'float16'] as const) {
    const model = smallModel(device, { dtype })
    const { batch } = packSlots(device, slots, counts)
    hidden.push(await model.encoder.encode(batch).toFloat32())
    model.dispose()
  }
  t.true(relativeError(hidden[1], hidden[0]) < 2e-2)
  t.true(relativeError(hidden[2], hidden[0]) < 4e-3)
})

test.serial(
  'live memory after many steps of varying batches is that after two, and the cache stops growing',
  async (t) => {
    const model = smallModel(device, { dtype: 'bfloat16' })
    const optimizer = new AdamW(device)
    t.teardown(() => {
      model.dispose()
      optimizer.dispose()
    })
    const step = (number: number) => {
      using _scope = device.scope()
      const randomness = { seed: 1, step: device.tensor(Int32Array.of(number)) }
      const kind = number % 50
      for (let part = 0; part < 2; part++) {
        using tape = device.tape()
        const some = Array.from({ length: 1 + ((kind * 5 + part) % 6) }, (_, i) => kind * 13 + i)
        const { batch, targets } = packSlots(device, some, countsOf(some), kind % 7)
        tape.backward([...model.forward(batch, targets, { randomness }).values()])
      }
      optimizer.step(model.arenas(), 1e-3)
    }
    const after: { live: number; cached: number }[] = []
    for (let number = 1; number <= 200; number++) {
      step(number)
      if (number % 2 === 0) await device.synchronize()
      if (number === 2 || number === 100 || number === 200) after.push(device.memory())
    }
    t.is(after[1].live, after[0].live)
    t.is(after[2].live, after[0].live)
    t.is(after[2].cached, after[1].cached)
  },
)
