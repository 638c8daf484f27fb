import test from 'ava'
import { Arena } from '../../lib/nn/arena.ts'
import { AdamW } from '../../lib/optim/adamw.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { isClose } from '../helpers/compare.ts'
import { readGoldenJson, readGoldens } from '../helpers/goldens.ts'

const device = await openDevice()
const golden = readGoldens('ops/ops.safetensors')
const described = readGoldenJson('ops/ops.json')

function arenaOf(shape: number[], name = 'a'): Arena {
  return new Arena(device, name, [{ name: 'p', shape, initial: 'ones' }], 1)
}

function giveGradient(arena: Arena, values: ArrayLike<number>): void {
  const padded = new Float32Array(arena.size)
  padded.set(values)
  device.write(arena.gradients, padded)
}

for (const name of ['adamw', 'adamw_plain'])
  test.serial(`${name}: eight steps as torch.optim.AdamW takes them`, async (t) => {
    const { lr, betas, eps, weight_decay: weightDecay } = described[name]
    // Rank above one: decayed.
    const arena = arenaOf([1, 40])
    arena.load('p', golden(`${name}.p0`).values)
    const [beta1, beta2] = betas
    const optimizer = new AdamW(device, { beta1, beta2, epsilon: eps, weightDecay, maximumNorm: 0 })
    t.teardown(() => {
      arena.dispose()
      optimizer.dispose()
    })
    const gradients = golden(`${name}.g`).values
    const expected = golden(`${name}.p`).values
    for (let step = 0; step < 8; step++) {
      giveGradient(arena, gradients.subarray(step * 40, step * 40 + 40))
      optimizer.step([arena], lr)
      const values = (await arena.parameters.read()).subarray(0, 40)
      isClose(t, values, expected.subarray(step * 40, step * 40 + 40), 1e-6, `step ${step}`)
    }
    t.deepEqual(await arena.steps.read(), Int32Array.of(8))
  })

test.serial('the norm is taken over all arenas of the step, and cut', async (t) => {
  const [a, b, out] = [arenaOf([1, 2], 'a'), arenaOf([1, 2], 'b'), arenaOf([1, 2], 'c')]
  const optimizer = new AdamW(device, { maximumNorm: 1, beta1: 0, weightDecay: 0 })
  t.teardown(() => {
    for (const arena of [a, b, out]) arena.dispose()
    optimizer.dispose()
  })
  giveGradient(a, [3, 0])
  giveGradient(b, [0, 4])
  giveGradient(out, [100, 100])
  optimizer.step([a, b], 0.1)
  isClose(t, await optimizer.norm.read(), [5], 1e-6, 'norm')
  // With beta1 = 0 the first moment is the cut gradient itself.
  isClose(t, (await a.firstMoments.read()).subarray(0, 2), [0.6, 0], 1e-6, 'cut')
  isClose(t, (await b.firstMoments.read()).subarray(0, 2), [0, 0.8], 1e-6, 'cut')
  t.true((await a.gradients.read()).every((value) => value === 0))
  t.is((await out.gradients.read())[0], 100, 'an arena that is not given keeps its gradient')
  giveGradient(a, [0.3, 0])
  giveGradient(b, [0, 0.4])
  optimizer.step([a, b], 0.1)
  isClose(t, await optimizer.norm.read(), [0.5], 1e-6, 'the sum of squares starts anew')
  isClose(t, (await a.firstMoments.read()).subarray(0, 2), [0.3, 0], 1e-6, 'a small gradient is not cut')
})

test.serial('biases and layer norms are not decayed', async (t) => {
  const [matrix, vector] = [arenaOf([1, 64], 'a'), arenaOf([64], 'b')]
  const optimizer = new AdamW(device, { weightDecay: 0.1 })
  t.teardown(() => {
    for (const arena of [matrix, vector]) arena.dispose()
    optimizer.dispose()
  })
  optimizer.step([matrix, vector], 0.5)
  isClose(t, await matrix.parameters.read(), new Float32Array(64).fill(0.95), 1e-6, 'decayed')
  t.true((await vector.parameters.read()).every((value) => value === 1))
})

for (const dtype of ['float32', 'float16'] as const)
  test.serial(`a gradient that is not finite changes nothing, ${dtype}`, async (t) => {
    const arena = arenaOf([1, 64])
    const optimizer = new AdamW(device, { dtype })
    t.teardown(() => {
      arena.dispose()
      optimizer.dispose()
    })
    const start = dtype === 'float16' ? 65536 : 1
    giveGradient(arena, [start])
    optimizer.step([arena], 0.1)
    isClose(t, await optimizer.norm.read(), [1], 1e-6, 'the loss scale is divided out')
    const state = () =>
      Promise.all(
        [arena.parameters, arena.firstMoments, arena.secondMoments, arena.steps].map((tensor) =>
          tensor.read(),
        ),
      )
    const before = await state()
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      giveGradient(arena, [1, bad])
      optimizer.step([arena], 0.1)
      t.deepEqual(await optimizer.skip.read(), Int32Array.of(1))
    }
    t.deepEqual(await state(), before)
    t.deepEqual(await optimizer.lossScale.skipped.read(), Int32Array.of(2))
    t.is((await optimizer.lossScale.value.read())[0], dtype === 'float16' ? start / 4 : 1)
    giveGradient(arena, [1])
    optimizer.step([arena], 0.1)
    t.deepEqual(await optimizer.skip.read(), Int32Array.of(0))
    t.deepEqual(await arena.steps.read(), Int32Array.of(2))
  })

test.serial('the loss scale doubles after 2000 good steps in a row and never falls below 1', async (t) => {
  const arena = arenaOf([1, 64])
  const optimizer = new AdamW(device, { dtype: 'float16' })
  t.teardown(() => {
    arena.dispose()
    optimizer.dispose()
  })
  const { value } = optimizer.lossScale
  for (let step = 0; step < 1999; step++) optimizer.step([arena], 0)
  t.is((await value.read())[0], 65536)
  optimizer.step([arena], 0)
  t.is((await value.read())[0], 131072)
  for (let step = 0; step < 20; step++) {
    giveGradient(arena, [Number.NaN])
    optimizer.step([arena], 0)
  }
  t.is((await value.read())[0], 1)
})
