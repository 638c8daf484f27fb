import test from 'ava'
import { attention } from '../../lib/ops/attention.ts'
import { biasActivation } from '../../lib/ops/bias-activation.ts'
import { fill } from '../../lib/ops/fill.ts'
import { gatherRows } from '../../lib/ops/gather-rows.ts'
import { layerNorm } from '../../lib/ops/layer-norm.ts'
import { linear } from '../../lib/ops/linear.ts'
import { randomFill } from '../../lib/ops/random-fill.ts'
import { scatterRows } from '../../lib/ops/scatter-rows.ts'
import { softmaxCrossEntropy } from '../../lib/ops/softmax-cross-entropy.ts'
import { sum } from '../../lib/ops/sum.ts'
import { openDevice } from '../../lib/tensor/device.ts'

const device = await openDevice()

test.serial('an empty batch gives empty results and gradients of zero', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const weight = device.parameter(new Float32Array(32).fill(1), [4, 8])
  const gamma = device.parameter([1, 1, 1, 1], [4])
  const beta = device.parameter([0, 0, 0, 0], [4])
  const y = layerNorm(linear(device.empty([0, 8], 'float32'), weight, null, 'gelu'), gamma, beta, 1e-5)
  const labels = device.tensor(new Int32Array(0))
  const loss = softmaxCrossEntropy(y, labels, { scale: device.tensor([1]) })
  tape.backward(loss)
  t.deepEqual(y.shape, [0, 4])
  t.is((await loss.read())[0], 0)
  t.true((await weight.gradient.read()).every((value) => value === 0))
})

test.serial('a batch whose labels are all unused has loss 0 and gradient 0', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const logits = device.parameter([1, 2, 3, 4, 5, 6], [2, 3])
  const labels = device.tensor(Int32Array.of(-100, -100))
  const loss = softmaxCrossEntropy(logits, labels, { scale: device.tensor([1]) })
  tape.backward(loss)
  t.deepEqual(await loss.read(), Float32Array.of(0))
  t.deepEqual(await logits.gradient.read(), new Float32Array(6))
})

test.serial('large logits and scores neither overflow nor vanish', async (t) => {
  using _scope = device.scope()
  const labels = device.tensor(Int32Array.of(0, 1))
  const logits = device.tensor([1e4, -1e4, 1e30, -1e30], [2, 2])
  const statistics = device.zeros([3], 'float32')
  softmaxCrossEntropy(logits, labels, { scale: device.tensor([0]), statistics })
  t.deepEqual(await statistics.read(), Float32Array.of(2e30, 1, 2))
  // Two tokens, one head of size 1: each token's score is highest with itself by 1e8.
  const qkv = device.tensor([1e4, 1e4, 7, -1e4, -1e4, 9], [2, 3])
  const y = attention(qkv, device.tensor(Int32Array.of(0, 2)), 1)
  t.deepEqual(await y.read(), Float32Array.of(7, 9))
})

test.serial('a constant row is normalised to beta', async (t) => {
  using _scope = device.scope()
  const x = fill(device.empty([1, 48], 'float32'), 3e4)
  const gamma = fill(device.empty([48], 'float32'), 2)
  const beta = fill(device.empty([48], 'float32'), 0.5)
  const y = await layerNorm(x, gamma, beta, 1e-12).read()
  t.true(y.every((value) => Math.abs(value - 0.5) < 1e-3))
})

test.serial('activations far from 0', async (t) => {
  using _scope = device.scope()
  for (const activation of ['gelu', 'gelu_tanh', 'relu', 'tanh'] as const) {
    using tape = device.tape()
    const x = device.parameter([-1e12, -40, 40, 1e12], [1, 4])
    const y = biasActivation(x, null, activation)
    tape.backward(sum(y))
    const isTanh = activation === 'tanh'
    const expected = isTanh ? [-1, -1, 1, 1] : [0, 0, 40, Math.fround(1e12)]
    const values = await y.read()
    for (const [i, value] of expected.entries())
      t.true(Math.abs(values[i] - value) <= 1e-6 * Math.abs(value), activation)
    t.deepEqual(
      [...(await x.gradient.read())].map(Math.abs),
      isTanh ? [0, 0, 0, 0] : [0, 0, 1, 1],
      activation,
    )
  }
})

test.serial('NaN goes through, it is not hidden', async (t) => {
  using _scope = device.scope()
  const x = device.tensor([Number.NaN, 1], [1, 2])
  const one = fill(device.empty([2], 'float32'), 1)
  for (const y of [
    linear(x, device.tensor([1, 1], [1, 2])),
    biasActivation(x, null, 'gelu'),
    biasActivation(x, null, 'relu'),
    layerNorm(x, one, one, 1e-5),
  ])
    t.true(Number.isNaN((await y.read())[0]))
})

test.serial('rows of an index beyond the tensor are an error that names the operation', async (t) => {
  const device = await openDevice('cpu') // a GPU does not look at indices
  t.teardown(() => device.close())
  const x = device.tensor([1, 2], [2, 1])
  gatherRows(x, device.tensor(Int32Array.of(5)))
  await t.throwsAsync(device.synchronize(), { message: /gatherRows/ })
  scatterRows(x, device.tensor(Int32Array.of(0, 2)), 2)
  await t.throwsAsync(device.synchronize(), { message: /scatterRows/ })
  t.deepEqual(await x.read(), Float32Array.of(1, 2), 'the device works again')
  t.throws(() => scatterRows(x, device.tensor(Int32Array.of(0, 1)), -1), { code: 'SHAPE' })
})

test.serial('shapes that do not fit are named', (t) => {
  using _scope = device.scope()
  const x = device.zeros([2, 3], 'float32')
  t.throws(() => linear(x, device.zeros([4, 5], 'float32')), { message: /linear.*weight/ })
  t.throws(() => linear(device.zeros([3], 'float32'), x), { code: 'SHAPE', message: /linear/ })
  t.throws(() => attention(x, device.tensor(Int32Array.of(0, 2)), 2), { code: 'SHAPE', message: /2 heads/ })
  const labels = device.tensor(Int32Array.of(0, 0))
  const scale = device.tensor([1])
  t.throws(() => softmaxCrossEntropy(x, labels, { scale, classes: 4 }), {
    code: 'SHAPE',
    message: /4 classes/,
  })
})

test.serial('random values have the distribution asked for', async (t) => {
  using _scope = device.scope()
  const count = 100_000
  const moments = async (distribution: Parameters<typeof randomFill>[1], seed = 1, site = 2) => {
    const values = await randomFill(device.empty([count], 'float32'), distribution, seed, site).read()
    const mean = values.reduce((total, value) => total + value, 0) / count
    const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / count
    return { values, mean, deviation: Math.sqrt(variance) }
  }
  const uniform = await moments({ kind: 'uniform', low: -1, high: 3 })
  t.true(uniform.values.every((value) => value >= -1 && value < 3))
  t.true(Math.abs(uniform.mean - 1) < 0.02 && Math.abs(uniform.deviation - 4 / Math.sqrt(12)) < 0.02)
  const normal = await moments({ kind: 'normal', mean: 5, deviation: 2 })
  t.true(Math.abs(normal.mean - 5) < 0.04 && Math.abs(normal.deviation - 2) < 0.03)
  const truncated = await moments({ kind: 'truncated-normal', mean: 0, deviation: 1 })
  t.true(truncated.values.every((value) => Math.abs(value) <= 2))
  t.true(Math.abs(truncated.deviation - 0.8796) < 0.01)
  t.deepEqual((await moments({ kind: 'normal', mean: 5, deviation: 2 })).values, normal.values)
  t.notDeepEqual((await moments({ kind: 'normal', mean: 5, deviation: 2 }, 1, 3)).values, normal.values)
  t.notDeepEqual((await moments({ kind: 'normal', mean: 5, deviation: 2 }, 2)).values, normal.values)
})
