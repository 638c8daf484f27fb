import test from 'ava'
import fc from 'fast-check'
import { gatherRows } from '../../lib/ops/gather-rows.ts'
import { linear } from '../../lib/ops/linear.ts'
import { linearCrossEntropy } from '../../lib/ops/linear-cross-entropy.ts'
import { scale } from '../../lib/ops/scale.ts'
import { softmaxCrossEntropy } from '../../lib/ops/softmax-cross-entropy.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import type { Floating } from '../../lib/tensor/dtype.ts'
import type { Tensor } from '../../lib/tensor/tensor.ts'
import { input } from '../helpers/check-gradients.ts'
import { isClose } from '../helpers/compare.ts'
import { readGoldens } from '../helpers/goldens.ts'

const device = await openDevice()
const golden = readGoldens('linear-cross-entropy/linear-cross-entropy.safetensors')
const classes = 19
const labels = () => device.tensor(Int32Array.from(golden('labels').values))
const counted = golden('labels').values.filter((label) => label >= 0).length

const parameter = (name: string) => {
  const { values, shape } = golden(name)
  return device.parameter(values, shape)
}

const tolerances: Record<Floating, number> = { float32: 2e-6, bfloat16: 2e-2, float16: 4e-3 }

for (const dtype of ['float32', 'bfloat16', 'float16'] as const)
  for (const rowsAtOnce of [undefined, 23, 22, 8, 1])
    test.serial(`as in PyTorch, ${dtype}, ${rowsAtOnce ?? 'the usual'} rows at once`, async (t) => {
      using _scope = device.scope()
      using tape = device.tape()
      const { values, shape } = golden('plain.in.x')
      const x = tape.watch(device.tensor(values, shape, dtype))
      const [weight, bias] = [parameter('plain.in.weight'), parameter('plain.in.bias')]
      const statistics = device.zeros([3], 'float32')
      const loss = linearCrossEntropy(x, weight, bias, labels(), {
        scale: device.tensor([1 / counted]),
        lossScale: device.tensor([4]),
        statistics,
        classes,
        rowsAtOnce,
      })
      const close = async (tensor: Tensor | null, name: string) =>
        isClose(t, (await tensor?.toFloat32()) ?? [], golden(`plain.${name}`).values, tolerances[dtype], name)
      await close(loss, 'out')
      await close(statistics, 'statistics')
      t.deepEqual((await statistics.read()).slice(1), golden('plain.statistics').values.slice(1))
      // The loss scale is in the gradients; a factor of the loss is taken out again here.
      tape.backward(scale(loss, 1 / 4))
      await close(tape.gradient(x), 'grad.x')
      await close(weight.gradient, 'grad.weight')
      await close(bias.gradient, 'grad.bias')
    })

for (const rowsAtOnce of [undefined, 5])
  test.serial(
    `the gradient of a tied weight is the sum of both uses, ${rowsAtOnce ?? 'all'} rows at once`,
    async (t) => {
      using _scope = device.scope()
      using tape = device.tape()
      const [weight, bias] = [parameter('tied.in.weight'), parameter('tied.in.bias')]
      const x = gatherRows(weight, device.tensor(Int32Array.from(golden('tied.ids').values)))
      const options = { scale: device.tensor([1 / counted]), classes, rowsAtOnce }
      const loss = linearCrossEntropy(x, weight, bias, labels(), options)
      isClose(t, await loss.read(), golden('tied.out').values, 1e-6, 'loss')
      t.true(
        (await weight.gradient.read()).every((value) => value === 0),
        'nothing is added before the backward',
      )
      tape.backward(loss)
      isClose(t, await weight.gradient.read(), golden('tied.grad.weight').values, 2e-6, 'weight')
      isClose(t, await bias.gradient.read(), golden('tied.grad.bias').values, 2e-6, 'bias')
    },
  )

test.serial('parts give what the whole gives, whatever their size, and the same each time', async (t) => {
  const size = fc.integer({ min: 1, max: 40 })
  await fc.assert(
    fc.asyncProperty(
      size,
      size,
      size,
      size,
      fc.constantFrom(0, 0.1),
      async (m, k, n, rowsAtOnce, smoothing) => {
        const said = Int32Array.from({ length: m }, (_, i) => (i % 5 === 3 ? -100 : (i * 7) % n))
        const values = {
          x: Float32Array.from(input('activation', [m, k], 1).values),
          weight: Float32Array.from(input('parameter', [n, k], 2).values),
        }
        const train = async (
          lossOf: (x: Tensor<'float32'>, weight: Tensor<'float32'>) => Tensor<'float32'>,
        ) => {
          using _scope = device.scope()
          using tape = device.tape()
          const x = tape.watch(device.tensor(values.x, [m, k]))
          const weight = device.parameter(values.weight, [n, k])
          const loss = lossOf(x, weight)
          tape.backward(loss)
          const found = [loss, tape.gradient(x) as Tensor<'float32'>, weight.gradient]
          return Promise.all(found.map((tensor) => tensor.read()))
        }
        const options = () => ({ scale: device.tensor([0.3]), smoothing })
        const inParts = () =>
          train((x, weight) =>
            linearCrossEntropy(x, weight, null, device.tensor(said), { ...options(), rowsAtOnce }),
          )
        const whole = await train((x, weight) =>
          softmaxCrossEntropy(linear(x, weight), device.tensor(said), options()),
        )
        const parts = await inParts()
        for (const [index, name] of ['loss', 'gradient of x', 'gradient of weight'].entries())
          isClose(t, parts[index], whole[index], 1e-5, name)
        t.deepEqual(await inParts(), parts)
      },
    ),
    { numRuns: 20, seed: 1 },
  )
})

test.serial('less memory is taken than the logits of all rows', async (t) => {
  const [rows, columns, size] = [2048, 1024, 16]
  const fresh = await openDevice()
  t.teardown(() => fresh.close())
  const peakOf = async (rowsAtOnce: number) => {
    using _scope = fresh.scope()
    using tape = fresh.tape()
    const x = tape.watch(fresh.full([rows, size], 1, 'float32'))
    const weight = fresh.parameter(new Float32Array(columns * size), [columns, size])
    const options = { scale: fresh.tensor([1 / rows]), rowsAtOnce }
    tape.backward(linearCrossEntropy(x, weight, null, fresh.zeros([rows], 'int32'), options))
    await fresh.synchronize()
    return fresh.memory().peak
  }
  const logits = 4 * rows * columns
  t.true((await peakOf(128)) < logits / 4)
  t.true((await peakOf(rows)) > logits, 'all at once they are there')
})

test.serial('labels that are not one for each row are refused', (t) => {
  using _scope = device.scope()
  const [x, weight] = [device.zeros([4, 3], 'float32'), device.zeros([5, 3], 'float32')]
  t.throws(
    () => linearCrossEntropy(x, weight, null, device.zeros([5], 'int32'), { scale: device.tensor([1]) }),
    {
      code: 'SHAPE',
      message: 'linearCrossEntropy: 5 labels for x of shape [4, 3]; a row has one',
    },
  )
})
