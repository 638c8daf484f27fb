import test from 'ava'
import { add } from '../../lib/ops/add.ts'
import { cast } from '../../lib/ops/cast.ts'
import { dropout } from '../../lib/ops/dropout.ts'
import { gatherRows } from '../../lib/ops/gather-rows.ts'
import { linear } from '../../lib/ops/linear.ts'
import { meanSquaredError } from '../../lib/ops/mean-squared-error.ts'
import { mul } from '../../lib/ops/mul.ts'
import { residualLayerNorm } from '../../lib/ops/residual-layer-norm.ts'
import { scale } from '../../lib/ops/scale.ts'
import { sum } from '../../lib/ops/sum.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import type { Tensor } from '../../lib/tensor/tensor.ts'
import { checkGradients, input } from '../helpers/check-gradients.ts'
import { at, matrix } from '../helpers/reference.ts'

const device = await openDevice()
type Floats = Tensor<'float32'>

test.serial('a parameter’s gradient adds up over backward passes', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const weight = device.parameter([1, 2], [1, 2])
  for (const factor of [1, 10]) tape.backward(scale(sum(weight), factor))
  t.deepEqual(await weight.gradient.read(), Float32Array.of(11, 11))
})

test.serial('several losses at once, and a loss that is part of another', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const weight = device.parameter([3], [1, 1])
  const first = sum(mul(weight, weight))
  const second = scale(first, 10)
  tape.backward([first, second])
  t.deepEqual(await weight.gradient.read(), Float32Array.of(66))
})

test.serial('a loss that depends on nothing trained does no harm', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  t.notThrows(() => tape.backward(sum(device.tensor([1, 2]))))
  t.throws(() => tape.backward(device.tensor([1, 2])), { code: 'NOT_A_LOSS', message: /\[2\]/ })
})

test.serial('nothing is recorded without a tape, or for what is not trained', async (t) => {
  using _scope = device.scope()
  const weight = device.parameter([1, 2], [1, 2])
  const outside = sum(weight)
  using tape = device.tape()
  t.is(device.recorder(device.tensor([1])), null)
  tape.backward(outside)
  t.deepEqual(await weight.gradient.read(), Float32Array.of(0, 0))
})

const pair = () => ({ a: input('activation', [3, 4], 1), b: input('activation', [3, 4], 2) })
const combine = (f: (i: number, j: number) => number) => matrix(3, 4, f)

test.serial('a tensor used twice by one operation', async (t) => {
  await checkGradients(
    t,
    device,
    { a: input('activation', [3, 4], 1) },
    ({ a }) => add(mul(a, a), add(a, a)),
    ({ a }) => combine((i, j) => at(a, i, j) ** 2 + 2 * at(a, i, j)),
  )
})

test.serial('a diamond: two ways from one activation, joined again', async (t) => {
  await checkGradients(
    t,
    device,
    pair(),
    ({ a, b }) => {
      const shared = mul(a, b)
      return add(mul(shared, a), scale(shared, 3))
    },
    ({ a, b }) => combine((i, j) => at(a, i, j) * at(b, i, j) * (at(a, i, j) + 3)),
  )
})

test.serial('a gradient handed on unchanged to two inputs is not written over', async (t) => {
  await checkGradients(
    t,
    device,
    pair(),
    ({ a, b }) => {
      // Both get the same memory from `add`; b's is added to by a later backward, a's must not change.
      const scaled = scale(b, 2)
      const joined = add(a, scaled)
      return add(joined, mul(scaled, scaled))
    },
    ({ a, b }) => combine((i, j) => at(a, i, j) + 2 * at(b, i, j) + 4 * at(b, i, j) ** 2),
  )
})

test.serial('fan-out into products, whose gradients are added in place', async (t) => {
  const weights = {
    x: input('activation', [3, 4], 3),
    first: input('parameter', [4, 4], 4),
    second: input('parameter', [4, 4], 5),
  }
  await checkGradients(
    t,
    device,
    weights,
    ({ x, first, second }) =>
      add(add(linear(x, first), linear(x, second)), mul(x, linear(x, first, null, 'tanh'))),
    ({ x, first, second }) =>
      combine((i, j) => {
        const product = (weight: typeof first) =>
          [0, 1, 2, 3].reduce((total, k) => total + at(x, i, k) * at(weight, j, k), 0)
        return product(first) + product(second) + at(x, i, j) * Math.tanh(product(first))
      }),
  )
})

test.serial('one tensor as both factors of a product', async (t) => {
  await checkGradients(
    t,
    device,
    { x: input('activation', [3, 4], 6) },
    ({ x }) => linear(x, x),
    ({ x }) =>
      matrix(3, 3, (i, j) => [0, 1, 2, 3].reduce((total, k) => total + at(x, i, k) * at(x, j, k), 0)),
  )
})

test.serial('one tensor as input and residual', async (t) => {
  const norm = {
    x: input('activation', [3, 4], 7),
    gamma: input('parameter', [4], 8),
    beta: input('parameter', [4], 9),
  }
  await checkGradients(
    t,
    device,
    norm,
    ({ x, gamma, beta }) => residualLayerNorm(x, null, x, gamma, beta, { epsilon: 1e-5 }),
    ({ x, gamma, beta }) =>
      combine((i, j) => {
        const row = [0, 1, 2, 3].map((k) => 2 * at(x, i, k))
        const mean = row.reduce((a, b) => a + b) / 4
        const variance = row.reduce((total, value) => total + (value - mean) ** 2, 0) / 4
        return ((row[j] - mean) / Math.sqrt(variance + 1e-5)) * gamma.values[j] + beta.values[j]
      }),
  )
})

test.serial('gathered twice from one activation', async (t) => {
  await checkGradients(
    t,
    device,
    { x: input('activation', [3, 4], 10) },
    ({ x }) =>
      mul(
        gatherRows(x, device.tensor(Int32Array.of(2, 2, -1))),
        gatherRows(x, device.tensor(Int32Array.of(0, 2, 1))),
      ),
    ({ x }) => combine((i, j) => [at(x, 2, j) * at(x, 0, j), at(x, 2, j) ** 2, 0][i]),
  )
})

test.serial('slices and reshapes pass gradients, to parameters too', async (t) => {
  for (const role of ['activation', 'parameter'] as const)
    await checkGradients(
      t,
      device,
      { x: input(role, [3, 4], 11) },
      ({ x }) => mul(x.slice(1, 3), x.slice(0, 2).reshape([4, 2]).reshape([2, 4])),
      ({ x }) => matrix(2, 4, (i, j) => at(x, i + 1, j) * at(x, i, j)),
    )
})

test.serial('casts pass gradients through the other dtype', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const weight = device.parameter([1, 2], [2])
  const half = cast(weight, 'bfloat16')
  tape.backward(sum(mul(half, half)))
  t.deepEqual(await weight.gradient.read(), Float32Array.of(2, 4))
})

test.serial('a loss scaled twice, and one scaled by a tensor', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const x = device.parameter([1, 2], [2])
  const loss = meanSquaredError(x, device.zeros([2], 'float32'), { scale: device.tensor([0.5]) })
  tape.backward(scale(scale(loss, 3), 1, device.tensor([5])))
  t.deepEqual(await x.gradient.read(), Float32Array.of(15, 30))
  t.is((await loss.read())[0], 2.5)
})

test.serial('a loss counted twice', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const x = device.parameter([1, 2], [2])
  const loss = meanSquaredError(x, device.zeros([2], 'float32'), { scale: device.tensor([0.5]) })
  tape.backward([loss, loss])
  t.deepEqual(await x.gradient.read(), Float32Array.of(2, 4))
})

test.serial('the loss scale multiplies gradients, not losses', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const x = device.parameter([1, 2], [2])
  const loss = meanSquaredError(x, device.zeros([2], 'float32'), {
    scale: device.tensor([0.5]),
    lossScale: device.tensor([8]),
  })
  tape.backward(loss)
  t.deepEqual(await x.gradient.read(), Float32Array.of(8, 16))
  t.is((await loss.read())[0], 2.5)
})

test.serial('intermediate tensors may be disposed of right after their last use', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const weight = device.parameter([1, 2, 3, 4], [2, 2])
  let loss: Floats
  {
    using inner = device.scope()
    const x = device.tensor([1, -1], [1, 2])
    const y = linear(x, weight, null, 'relu')
    x.dispose()
    const rows = device.tensor(Int32Array.of(5))
    const z = dropout(y, { rows, step: device.zeros([1], 'int32'), seed: 1, site: 2, probability: 0 })
    loss = inner.keep(sum(mul(z, z)))
  }
  tape.backward(loss)
  t.deepEqual(await weight.gradient.read(), Float32Array.of(0, 0, 0, 0))
})

test.serial(
  'memory after a pass is what it was before, also of a tape whose backward never ran',
  async (t) => {
    const weight = device.parameter(new Float32Array(64 * 64), [64, 64])
    const pass = (isBackward: boolean) => {
      using _scope = device.scope()
      using tape = device.tape()
      const x = device.zeros([32, 64], 'float32')
      const y = linear(linear(x, weight, null, 'gelu'), weight)
      const loss = sum(mul(y, add(y, y)))
      if (isBackward) tape.backward(loss)
    }
    pass(true)
    await device.synchronize()
    const { live } = device.memory()
    for (const isBackward of [true, false, true]) {
      pass(isBackward)
      await device.synchronize()
      t.is(device.memory().live, live)
    }
    weight.dispose()
  },
)

test.serial('a backward pass frees what it no longer needs while it goes', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const [rows, width, depth] = [256, 256, 12]
  const weight = device.parameter(new Float32Array(width * width), [width, width])
  void weight.gradient
  const { live: start } = device.memory()
  let x: Floats = device.zeros([rows, width], 'float32')
  for (let i = 0; i < depth; i++) {
    using previous = x
    x = linear(previous, weight, null, 'gelu')
  }
  const loss = sum(x)
  x.dispose()
  const { live: forward, peak } = device.memory()
  tape.backward(loss)
  const after = device.memory()
  const activation = rows * width * 4
  t.true(forward - start <= (2 * depth + 2) * activation, 'two activations a layer')
  t.true(
    after.peak - Math.max(peak, forward) <= 3 * activation,
    'the backward adds a few gradients to the peak',
  )
  t.true(after.live - start <= activation / 8)
})
