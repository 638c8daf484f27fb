import test from 'ava'
import fc from 'fast-check'
import { meanSquaredError } from '../../lib/ops/mean-squared-error.ts'
import { softmaxCrossEntropy } from '../../lib/ops/softmax-cross-entropy.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { checkGradients, input } from '../helpers/check-gradients.ts'
import * as reference from '../helpers/reference.ts'

const device = await openDevice()

test.serial('softmax cross-entropy with smoothing, ignored rows and padding columns', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -1, max: 20 }), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 21 }),
      fc.nat(9),
      fc.constantFrom(0, 0.1),
      fc.boolean(),
      async (draws, classes, padding, smoothing, overwrite) => {
        const labels = draws.map((draw) => (draw < 0 ? -100 : draw % classes))
        using _scope = device.scope()
        const statistics = device.zeros([3], 'float32')
        const logits = input('activation', [labels.length, classes + padding], 24, (value) => 5 * value)
        await checkGradients(
          t,
          device,
          { logits },
          (given) =>
            softmaxCrossEntropy(given.logits, device.tensor(Int32Array.from(labels)), {
              scale: device.tensor([0.37]),
              statistics,
              classes,
              smoothing,
              overwrite,
            }),
          (given) => ({
            values: [0.37 * reference.softmaxCrossEntropy(given.logits, labels, classes, smoothing)],
          }),
        )
        const [total, correct, valid] = await statistics.read()
        const best = labels.map((_, i) => {
          const row = Array.from({ length: classes }, (_, j) => reference.at(logits, i, j))
          return row.indexOf(Math.max(...row))
        })
        t.true(Math.abs(total - reference.softmaxCrossEntropy(logits, labels, classes, smoothing)) < 1e-3)
        t.is(correct, labels.filter((label, i) => label === best[i]).length)
        t.is(valid, labels.filter((label) => label >= 0).length)
      },
    ),
    { numRuns: 12, seed: 1 },
  )
})

test.serial('mean squared error, with missing targets', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 37 }),
      fc.boolean(),
      async (m, c, overwrite) => {
        const target = Float32Array.from({ length: m * c }, (_, i) =>
          i % 3 === 1 ? Number.NaN : Math.sin(i),
        )
        await checkGradients(
          t,
          device,
          { x: input('activation', [m, c], 25) },
          ({ x }) =>
            meanSquaredError(x, device.tensor(target, [m, c]), { scale: device.tensor([0.21]), overwrite }),
          ({ x }) => ({
            values: [
              0.21 *
                x.values.reduce(
                  (sum, value, i) => (Number.isNaN(target[i]) ? sum : sum + (value - target[i]) ** 2),
                  0,
                ),
            ],
          }),
        )
      },
    ),
    { numRuns: 12, seed: 1 },
  )
})
