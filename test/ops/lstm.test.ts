import test from 'ava'
import fc from 'fast-check'
import { linear } from '../../lib/ops/linear.ts'
import { lstm } from '../../lib/ops/lstm.ts'
import { mul } from '../../lib/ops/mul.ts'
import { sum } from '../../lib/ops/sum.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { checkGradients, input } from '../helpers/check-gradients.ts'
import { isClose } from '../helpers/compare.ts'
import { readGoldens } from '../helpers/goldens.ts'
import * as reference from '../helpers/reference.ts'

const device = await openDevice()
const golden = readGoldens('lstm/lstm.safetensors')

const tolerances = {
  float32: { forward: 1e-6, gradient: 2e-6 },
  bfloat16: { forward: 2e-2, gradient: 2e-2 },
  float16: { forward: 2e-3, gradient: 4e-3 },
}

const parameter = (name: string) => {
  const { values, shape } = golden(`layer.in.${name}`)
  return device.parameter(values, shape)
}

for (const dtype of ['float32', 'bfloat16', 'float16'] as const)
  for (const overwrite of [false, true])
    test.serial(
      `a layer of torch.nn.LSTM, ${dtype}${overwrite ? ', gates over the input products' : ''}`,
      async (t) => {
        using _scope = device.scope()
        using tape = device.tape()
        const { forward, gradient } = tolerances[dtype]
        const stored = golden('layer.in.x')
        const x = tape.watch(device.tensor(stored.values, stored.shape, dtype))
        const [weight, bias, recurrent] = ['weight', 'bias', 'recurrent'].map(parameter)
        const offsets = device.tensor(Int32Array.from(golden('layer.offsets').values))
        const y = lstm(linear(x, weight, bias), recurrent, offsets, { overwrite })
        isClose(t, await y.toFloat32(), golden('layer.out').values, forward, 'y')
        const alone = device.withoutTape(() => lstm(linear(x, weight, bias), recurrent, offsets))
        t.deepEqual(await alone.read(), await y.read(), 'the same where nothing is recorded')

        tape.backward(sum(mul(y, device.tensor(golden('layer.dout').values, y.shape, dtype))))
        const found = { x: tape.gradient(x), weight: weight.gradient, bias: bias.gradient }
        for (const [name, tensor] of Object.entries({ ...found, recurrent: recurrent.gradient }))
          isClose(
            t,
            (await tensor?.toFloat32()) ?? [],
            golden(`layer.grad.${name}`).values,
            gradient,
            `gradient of ${name}`,
          )
      },
    )

test.serial('gradients are those of the formula, whatever the lengths', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(6), { minLength: 1, maxLength: 5 }),
      fc.nat(2),
      fc.nat(2),
      fc.integer({ min: 1, max: 2 }),
      fc.constantFrom(1, 3, 9),
      async (lengths, before, after, directions, size) => {
        const offsets = [before]
        for (const length of lengths) offsets.push(offsets.at(-1)! + length)
        const rows = offsets.at(-1)! + after
        if (rows === 0) return
        await checkGradients(
          t,
          device,
          {
            projected: input('activation', [rows, 4 * directions * size], 31, (value) => 2 * value),
            weight: input('parameter', [4 * directions * size, size], 32),
          },
          ({ projected, weight }) => lstm(projected, weight, device.tensor(Int32Array.from(offsets))),
          ({ projected, weight }) => reference.lstm(projected, weight, offsets),
        )
      },
    ),
    { numRuns: 12, seed: 1 },
  )
})

test.serial('weights that two layers share get the gradient of both', async (t) => {
  await checkGradients(
    t,
    device,
    { projected: input('activation', [5, 8], 33), weight: input('parameter', [8, 2], 34) },
    ({ projected, weight }) => {
      const offsets = device.tensor(Int32Array.of(0, 2, 5))
      return lstm(linear(lstm(projected, weight, offsets), weight), weight, offsets)
    },
    ({ projected, weight }) =>
      reference.lstm(
        reference.linear(reference.lstm(projected, weight, [0, 2, 5]), weight, null, 'none'),
        weight,
        [0, 2, 5],
      ),
  )
})

test.serial('rows of no sequence change nothing, whatever they hold', async (t) => {
  using _scope = device.scope()
  const given = input('activation', [7, 8], 35)
  const results = await Promise.all(
    [0, Number.NaN].map(async (value) => {
      using tape = device.tape()
      const weight = device.parameter(Float32Array.from(input('parameter', [8, 2], 36).values), [8, 2])
      const values = Float32Array.from(given.values)
      values.fill(value, 0, 8).fill(value, 6 * 8)
      const projected = tape.watch(device.tensor(values, [7, 8]))
      const y = lstm(projected, weight, device.tensor(Int32Array.of(1, 1, 4, 6)))
      tape.backward(sum(y))
      return Promise.all([y.read(), tape.gradient(projected)?.read(), weight.gradient.read()])
    }),
  )
  t.deepEqual(results[1], results[0])
  t.deepEqual([...results[0][0].subarray(0, 2), ...results[0][0].subarray(12)], [0, 0, 0, 0])
})

test.serial('shapes that do not fit are named', (t) => {
  using _scope = device.scope()
  const offsets = device.tensor(Int32Array.of(0, 2))
  const weight = device.zeros([8, 2], 'float32')
  t.throws(() => lstm(device.zeros([3, 4], 'float32'), weight, offsets), { code: 'SHAPE', message: /lstm/ })
  t.throws(() => lstm(device.zeros([3, 24], 'float32'), device.zeros([24, 2], 'float32'), offsets), {
    code: 'SHAPE',
    message: /4 × its columns of rows for one direction/,
  })
})

test.serial('offsets beyond the tokens are named', async (t) => {
  const device = await openDevice('cpu') // a GPU does not look at offsets
  t.teardown(() => device.close())
  const weight = device.zeros([8, 2], 'float32')
  lstm(device.zeros([3, 8], 'float32'), weight, device.tensor(Int32Array.of(0, 4)))
  await t.throwsAsync(device.synchronize(), { message: /lstm: offsets\[1\] is 4.*at most 3/ })
})

test.serial('an empty batch', async (t) => {
  using _scope = device.scope()
  using tape = device.tape()
  const weight = device.parameter(new Float32Array(16), [8, 2])
  const y = lstm(device.empty([0, 8], 'float32'), weight, device.tensor(Int32Array.of(0)))
  tape.backward(sum(y))
  t.deepEqual(y.shape, [0, 2])
  t.true((await weight.gradient.read()).every((value) => value === 0))
})
