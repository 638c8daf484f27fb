import test from 'ava'
import { dropout } from '../../lib/ops/dropout.ts'
import { linear } from '../../lib/ops/linear.ts'
import { mul } from '../../lib/ops/mul.ts'
import { residualLayerNorm } from '../../lib/ops/residual-layer-norm.ts'
import { sum } from '../../lib/ops/sum.ts'
import { checkpoint } from '../../lib/tensor/checkpoint.ts'
import { type Device, openDevice } from '../../lib/tensor/device.ts'
import type { Tensor } from '../../lib/tensor/tensor.ts'
import { input } from '../helpers/check-gradients.ts'

const device = await openDevice()
type Floats = Tensor<'float32'>
type Block = (x: Floats, rows: Tensor<'int32'>) => Floats

const width = 48
const values = (seed: number, rows: number) =>
  Float32Array.from(input('activation', [rows, width], seed).values)

/** Three residual blocks with dropout whose input is used after them too, each run by `run`. */
async function gradientsOf(run: (block: Block, x: Floats, rows: Tensor<'int32'>) => Floats) {
  using _scope = device.scope()
  using tape = device.tape()
  const step = device.tensor(Int32Array.of(7))
  const x = tape.watch(device.tensor(values(1, 40), [40, width]))
  const parameters = [0, 1, 2].map((layer) => ({
    inner: device.parameter(values(10 * layer + 2, width), [width, width]),
    outer: device.parameter(values(10 * layer + 3, width), [width, width]),
    gamma: device.parameter(values(10 * layer + 4, 1), [width]),
    beta: device.parameter(values(10 * layer + 5, 1), [width]),
  }))
  let hidden: Floats = x
  let total = x
  for (const [site, { inner, outer, gamma, beta }] of parameters.entries()) {
    const rows = device.tensor(Int32Array.from({ length: 40 }, (_, i) => 3 * i))
    const block: Block = (x, rows) => {
      const place = { rows, step, seed: 5, site, probability: 0.3 }
      using first = linear(x, inner, beta, 'gelu')
      using dropped = dropout(first, place)
      using second = linear(dropped, outer)
      return residualLayerNorm(second, null, x, gamma, beta, { epsilon: 1e-5, dropout: place })
    }
    hidden = run(block, hidden, rows)
    rows.dispose()
    total = mul(total, hidden)
  }
  const loss = sum(total)
  tape.backward(loss)
  const tensors = [
    tape.gradient(x) as Tensor,
    ...parameters.flatMap((layer) => Object.values(layer)).map(({ gradient }) => gradient),
  ]
  return Promise.all([loss, ...tensors].map((tensor) => tensor.read()))
}

test.serial(
  'gradients are to the bit those of work that is kept, dropout and other uses included',
  async (t) => {
    const kept = await gradientsOf((block, x, rows) => block(x, rows))
    t.deepEqual(await gradientsOf((block, x, rows) => checkpoint([x, rows], block)), kept)
    t.deepEqual(
      await gradientsOf((block, x, rows) =>
        checkpoint([x, rows], (x, rows) => checkpoint([x, rows], (x, rows) => block(x, rows))),
      ),
      kept,
      'one within another',
    )
    t.true(kept.every((values) => values.some((value) => value !== 0)))
  },
)

test.serial('parameters, one tensor twice, and inputs nobody wants the gradient of', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const weight = device.parameter([1, 2, 3, 4], [2, 2])
  const x = tape.watch(device.tensor([1, -1], [1, 2]))
  const constant = device.tensor([5, 7], [1, 2])
  const y = checkpoint([x, x, weight, constant], (a, b, w, c) => mul(mul(linear(a, w), b), c))
  tape.backward(sum(y))
  // y = [5 x₀ (w₀₀ x₀ + w₀₁ x₁), 7 x₁ (w₁₀ x₀ + w₁₁ x₁)]
  t.deepEqual(await tape.gradient(x)?.read(), Float32Array.of(-21, -25))
  t.deepEqual(await weight.gradient.read(), Float32Array.of(5, -5, -7, 7))
  t.is(tape.gradient(constant), null)
})

test.serial('parameters that only the work knows, and work that nothing depends on', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const weight = device.parameter([1, 2, 3, 4], [2, 2])
  const one = device.tensor([1, 1], [1, 2])
  const y = checkpoint([one], (x) => linear(x, weight))
  checkpoint([one], (x) => linear(x, weight))
  tape.backward(sum(y))
  t.deepEqual(await weight.gradient.read(), Float32Array.of(1, 1, 1, 1))
})

test.serial('without a tape it is the work alone', async (t) => {
  using _scope = device.scope()
  let times = 0
  const y = checkpoint([device.tensor([1, 2])], (x) => {
    times++
    return mul(x, x)
  })
  t.deepEqual(await y.read(), Float32Array.of(1, 4))
  t.is(times, 1)
})

test.serial('memory holds the inputs of many layers, what lies between of one', async (t) => {
  const [rows, width, depth] = [256, 64, 12]
  const activation = rows * width * 4
  /** Bytes above the start: at the end of the forward, and the most. */
  const measure = async (isCheckpointed: boolean) => {
    const own: Device = await openDevice()
    const weight = own.parameter(new Float32Array(width * width), [width, width])
    void weight.gradient
    const { live } = own.memory()
    let forward: number
    {
      using _scope = own.scope()
      using tape = own.tape()
      const layer = (x: Floats) => {
        let hidden = linear(x, weight, null, 'gelu')
        for (let i = 0; i < 3; i++) {
          using previous = hidden
          hidden = linear(previous, weight, null, 'gelu')
        }
        return hidden
      }
      let x: Floats = own.zeros([rows, width], 'float32')
      for (let i = 0; i < depth; i++) {
        using previous = x
        x = isCheckpointed ? checkpoint([previous], layer) : layer(previous)
      }
      const loss = sum(x)
      x.dispose()
      forward = own.memory().live - live
      tape.backward(loss)
    }
    const { live: end, peak } = own.memory()
    t.is(end, live, 'nothing stays')
    weight.dispose()
    own.close()
    return { forward: forward / activation, peak: (peak - live) / activation }
  }
  const [kept, remade] = [await measure(false), await measure(true)]
  t.true(kept.forward >= 8 * depth, `${kept.forward} activations are kept`)
  t.true(remade.forward <= depth + 2, `${remade.forward} activations are kept with checkpoints`)
  t.true(remade.peak <= depth + 8 + 4, `${remade.peak} at most with checkpoints`)
})
