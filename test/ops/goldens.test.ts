import test, { type ExecutionContext } from 'ava'
import { attention } from '../../lib/ops/attention.ts'
import { biasActivation } from '../../lib/ops/bias-activation.ts'
import { gatherRows } from '../../lib/ops/gather-rows.ts'
import { layerNorm } from '../../lib/ops/layer-norm.ts'
import { linear } from '../../lib/ops/linear.ts'
import { meanSquaredError } from '../../lib/ops/mean-squared-error.ts'
import { mul } from '../../lib/ops/mul.ts'
import { residualLayerNorm } from '../../lib/ops/residual-layer-norm.ts'
import { scale } from '../../lib/ops/scale.ts'
import { softmaxCrossEntropy } from '../../lib/ops/softmax-cross-entropy.ts'
import { sum } from '../../lib/ops/sum.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import type { Floating } from '../../lib/tensor/dtype.ts'
import type { Tape } from '../../lib/tensor/tape.ts'
import type { Tensor } from '../../lib/tensor/tensor.ts'
import { isClose } from '../helpers/compare.ts'
import { readGoldens } from '../helpers/goldens.ts'

const device = await openDevice()
const golden = readGoldens('ops/ops.safetensors')

const tolerances: Record<Floating, { forward: number; gradient: number }> = {
  float32: { forward: 1e-5, gradient: 1e-4 },
  bfloat16: { forward: 2e-2, gradient: 2e-2 },
  float16: { forward: 2e-3, gradient: 4e-3 },
}
const dtypes = Object.keys(tolerances) as Floating[]

/** One golden under test: its tensors by name, and the checks of what comes out. */
class Case {
  readonly t: ExecutionContext
  readonly name: string
  readonly tape: Tape
  readonly dtype: Floating

  constructor(t: ExecutionContext, name: string, tape: Tape, dtype: Floating) {
    this.t = t
    this.name = name
    this.tape = tape
    this.dtype = dtype
  }

  /** An activation in the dtype under test, watched. */
  activation(name: string, shape?: number[]): Tensor<Floating> {
    const { values, shape: stored } = golden(`${this.name}.in.${name}`)
    return this.tape.watch(device.tensor(values, shape ?? stored, this.dtype))
  }

  parameter(name: string) {
    const { values, shape } = golden(`${this.name}.in.${name}`)
    return device.parameter(values, shape)
  }

  labels(name: string): Tensor<'int32'> {
    return device.tensor(Int32Array.from(golden(`${this.name}.in.${name}`).values))
  }

  async isForward(y: Tensor<Floating>): Promise<void> {
    const tolerance = tolerances[this.dtype].forward
    isClose(this.t, await y.toFloat32(), golden(`${this.name}.out`).values, tolerance, `${this.name} forward`)
  }

  /** Backward from the golden's upstream gradient of `y`. */
  backward(y: Tensor<Floating>): void {
    const upstream = golden(`${this.name}.dout`).values
    if (y.size === 1) this.tape.backward(scale(y, upstream[0]))
    else this.tape.backward(sum(mul(y, device.tensor(upstream, y.shape, y.dtype))))
  }

  async isGradient(name: string, gradient: Tensor | null): Promise<void> {
    const tolerance = tolerances[this.dtype].gradient
    const expected = golden(`${this.name}.grad.${name}`).values
    isClose(
      this.t,
      (await gradient?.toFloat32()) ?? [],
      expected,
      tolerance,
      `${this.name} gradient of ${name}`,
    )
  }
}

function testGolden(name: string, check: (golden: Case) => Promise<void>): void {
  for (const dtype of dtypes)
    test.serial(`${name}, ${dtype}`, async (t) => {
      using _scope = device.scope()
      using tape = device.tape()
      await check(new Case(t, name, tape, dtype))
    })
}

testGolden('linear', async (golden) => {
  const x = golden.activation('x', [35, 33])
  const weight = golden.parameter('w')
  const bias = golden.parameter('b')
  const y = linear(x, weight, bias)
  await golden.isForward(y)
  golden.backward(y)
  await golden.isGradient('x', golden.tape.gradient(x))
  await golden.isGradient('w', weight.gradient)
  await golden.isGradient('b', bias.gradient)
})

for (const activation of ['gelu', 'gelu_tanh', 'relu', 'tanh'] as const)
  testGolden(activation, async (golden) => {
    const size = activation.startsWith('gelu') ? 301 : 64
    const x = golden.activation('x', [1, size])
    const y = biasActivation(x, null, activation)
    await golden.isForward(y)
    golden.backward(y)
    await golden.isGradient('x', golden.tape.gradient(x))
  })

testGolden('layer_norm', async (golden) => {
  const x = golden.activation('x')
  const gamma = golden.parameter('gamma')
  const beta = golden.parameter('beta')
  const y = layerNorm(x, gamma, beta, 1e-12)
  await golden.isForward(y)
  golden.backward(y)
  await golden.isGradient('x', golden.tape.gradient(x))
  await golden.isGradient('gamma', gamma.gradient)
  await golden.isGradient('beta', beta.gradient)
})

testGolden('residual_layer_norm', async (golden) => {
  const x = golden.activation('x')
  const residual = golden.activation('residual')
  const bias = golden.parameter('bias')
  const gamma = golden.parameter('gamma')
  const beta = golden.parameter('beta')
  const y = residualLayerNorm(x, bias, residual, gamma, beta, { epsilon: 1e-5 })
  await golden.isForward(y)
  golden.backward(y)
  await golden.isGradient('x', golden.tape.gradient(x))
  await golden.isGradient('residual', golden.tape.gradient(residual))
  await golden.isGradient('bias', bias.gradient)
  await golden.isGradient('gamma', gamma.gradient)
  await golden.isGradient('beta', beta.gradient)
})

for (const [name, smoothing] of [
  ['cross_entropy', 0],
  ['cross_entropy_smooth', 0.1],
] as const)
  testGolden(name, async (golden) => {
    const logits = golden.activation('logits')
    const labels = golden.labels('target')
    const valid = (await labels.read()).filter((label) => label >= 0).length
    const loss = softmaxCrossEntropy(logits, labels, { scale: device.tensor([1 / valid]), smoothing })
    await golden.isForward(loss)
    golden.backward(loss)
    await golden.isGradient('logits', golden.tape.gradient(logits))
  })

testGolden('mse', async (golden) => {
  const x = golden.activation('x')
  const target = golden.parameter('target')
  const loss = meanSquaredError(x, target, { scale: device.tensor([1 / x.size]) })
  await golden.isForward(loss)
  golden.backward(loss)
  await golden.isGradient('x', golden.tape.gradient(x))
})

testGolden('embedding', async (golden) => {
  const table = golden.activation('table')
  const y = gatherRows(table, golden.labels('ids'))
  await golden.isForward(y)
  golden.backward(y)
  await golden.isGradient('table', golden.tape.gradient(table))
})

// The golden is [batch, head, position, size] with the keys beyond each length masked: the same sequences, packed.
const [batch, heads, longest, size] = golden('attention.out').shape
const lengths = golden('attention.lengths').values
const offsets = [0]
for (const length of lengths) offsets.push(offsets.at(-1)! + length)

function pack(names: string[]): Float32Array {
  const width = heads * size
  const packed = new Float32Array(offsets[batch] * names.length * width)
  names.forEach((name, part) => {
    const { values } = golden(name)
    for (let s = 0; s < batch; s++)
      for (let i = 0; i < lengths[s]; i++)
        for (let head = 0; head < heads; head++)
          for (let d = 0; d < size; d++)
            packed[((offsets[s] + i) * names.length + part) * width + head * size + d] =
              values[((s * heads + head) * longest + i) * size + d]
  })
  return packed
}

for (const dtype of dtypes)
  test.serial(`attention, ${dtype}`, async (t) => {
    using _scope = device.scope()
    using tape = device.tape()
    const rows = offsets[batch]
    const qkv = tape.watch(
      device.tensor(
        pack(['q', 'k', 'v'].map((part) => `attention.in.${part}`)),
        [rows, 3 * heads * size],
        dtype,
      ),
    )
    const y = attention(qkv, device.tensor(Int32Array.from(offsets)), heads)
    isClose(t, await y.toFloat32(), pack(['attention.out']), tolerances[dtype].forward, 'forward')
    tape.backward(sum(mul(y, device.tensor(pack(['attention.dout']), y.shape, dtype))))
    const expected = pack(['q', 'k', 'v'].map((part) => `attention.grad.${part}`))
    isClose(t, await tape.gradient(qkv)!.toFloat32(), expected, tolerances[dtype].gradient, 'gradient')
  })
