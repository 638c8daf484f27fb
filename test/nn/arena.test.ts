import test from 'ava'
import { Arena, type ParameterSpec } from '../../lib/nn/arena.ts'
import { sum } from '../../lib/ops/sum.ts'
import { openDevice } from '../../lib/tensor/device.ts'

const device = await openDevice()

const specs: ParameterSpec[] = [
  { name: 'table', shape: [70, 10], allocatedRows: 128, initial: { deviation: 0.02 } },
  { name: 'bias', shape: [3], initial: 'zeros' },
  { name: 'gamma', shape: [65], initial: 'ones' },
  { name: 'weight', shape: [40, 50], initial: { deviation: 0.5 } },
]

test.serial('parameters lie at multiples of 64, and decay applies to rank above one', async (t) => {
  const arena = new Arena(device, 'a', specs, 1)
  t.teardown(() => arena.dispose())
  t.deepEqual(
    arena.segments.map(({ offset }) => offset),
    [0, 1280, 1344, 1472],
  )
  t.is(arena.size, 1472 + 2048)
  t.deepEqual(
    await arena.decay.read(),
    Uint8Array.from({ length: 55 }, (_, i) => (i < 20 || i >= 23 ? 1 : 0)),
  )
  t.deepEqual(arena.parameter('table').shape, [128, 10])
  for (const flat of [arena.gradients, arena.firstMoments, arena.secondMoments]) {
    t.is(flat.size, arena.size)
    t.true((await flat.read()).every((value) => value === 0))
  }
  t.deepEqual(await arena.steps.read(), Int32Array.of(0))
})

test.serial('initial values: truncated normal, zeros, ones; rows that pad are zeros', async (t) => {
  const arena = new Arena(device, 'a', specs, 1)
  t.teardown(() => arena.dispose())
  const table = await arena.parameter('table').read()
  t.true(table.subarray(700).every((value) => value === 0))
  t.true(table.subarray(0, 700).every((value) => Math.abs(value) <= 0.04 && value !== 0))
  const weight = await arena.parameter('weight').read()
  const deviation = Math.sqrt(weight.reduce((total, value) => total + value ** 2, 0) / weight.length)
  // A normal cut at two deviations has 0.8796 of its deviation.
  t.true(Math.abs(deviation / 0.5 - 0.8796) < 0.05, `${deviation}`)
  t.true((await arena.parameter('bias').read()).every((value) => value === 0))
  t.true((await arena.parameter('gamma').read()).every((value) => value === 1))
})

test.serial('initial values depend on seed, arena and parameter only', async (t) => {
  const values = async (name: string, given: ParameterSpec[], seed: number, parameter = 'weight') => {
    const arena = new Arena(device, name, given, seed)
    const read = await arena.parameter(parameter).read()
    arena.dispose()
    return read
  }
  const one = await values('a', specs, 1)
  t.deepEqual(await values('a', [...specs].reverse(), 1), one)
  t.notDeepEqual(await values('b', specs, 1), one)
  t.notDeepEqual(await values('a', specs, 2), one)
})

test.serial('gradients of parameters are views of the arena', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const arena = new Arena(device, 'a', specs, 1)
  t.teardown(() => arena.dispose())
  tape.backward(sum(arena.parameter('bias')))
  const flat = await arena.gradients.read()
  t.deepEqual(
    [...flat.keys()].filter((i) => flat[i] !== 0),
    [1280, 1281, 1282],
  )
  t.deepEqual(arena.split(flat).get('bias'), { shape: [3], values: Float32Array.of(1, 1, 1) })
})

test.serial('loading', async (t) => {
  const arena = new Arena(device, 'a', specs, 1)
  t.teardown(() => arena.dispose())
  arena.load('bias', Float32Array.of(1, 2, 3))
  arena.load('table', new Float32Array(20).fill(5), 68, 70)
  t.deepEqual(await arena.parameter('bias').read(), Float32Array.of(1, 2, 3))
  const table = await arena.parameter('table').read()
  t.true(table.subarray(680, 700).every((value) => value === 5))
  t.true(table.subarray(700).every((value) => value === 0))
  t.throws(() => arena.load('bias', new Float32Array(4)), { code: 'SHAPE', message: /bias/ })
  t.throws(() => arena.load('table', new Float32Array(20), 69, 71), { code: 'SHAPE' })
})
