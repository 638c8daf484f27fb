import test from 'ava'
import fc from 'fast-check'
import { attention } from '../../lib/ops/attention.ts'
import { biasActivation } from '../../lib/ops/bias-activation.ts'
import { dropout } from '../../lib/ops/dropout.ts'
import { embedding } from '../../lib/ops/embedding.ts'
import { gatherRows } from '../../lib/ops/gather-rows.ts'
import { layerNorm } from '../../lib/ops/layer-norm.ts'
import { linear } from '../../lib/ops/linear.ts'
import { residualLayerNorm } from '../../lib/ops/residual-layer-norm.ts'
import { scatterRows } from '../../lib/ops/scatter-rows.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { checkGradients, input } from '../helpers/check-gradients.ts'
import * as reference from '../helpers/reference.ts'

const device = await openDevice()
const runs = { numRuns: 12, seed: 1 }

const activationNames = ['none', 'gelu', 'gelu_tanh', 'relu', 'tanh'] as const
const activation = fc.constantFrom(...activationNames)
const rows = fc.integer({ min: 1, max: 9 })
const columns = fc.integer({ min: 1, max: 37 })
const probability = fc.constantFrom(0, 0.1, 0.5)

/** A dropout site, as the operations and the reference take it. Row numbers are far from 0, 1, 2 … */
function site(probability: number, count: number) {
  const numbers = Int32Array.from({ length: count }, (_, i) => 512 * 40_000 + 77 * i)
  return {
    native: () => ({
      rows: device.tensor(numbers),
      step: device.tensor(Int32Array.of(12_345)),
      seed: 2 ** 40 + 7,
      site: 0x9e3779b9,
      probability,
    }),
    reference: { rows: [...numbers], step: 12_345, seed: 2 ** 40 + 7, site: 0x9e3779b9, probability },
  }
}

test('Philox 4x32-10 of the reference gives its authors’ known answers', (t) => {
  const f = 0xffffffff
  t.deepEqual(reference.philoxWords([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
  t.deepEqual(reference.philoxWords([f, f, f, f], [f, f]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
  t.deepEqual(
    reference.philoxWords([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  )
})

test.serial('linear with every activation', async (t) => {
  await fc.assert(
    fc.asyncProperty(rows, columns, columns, activation, fc.boolean(), async (m, k, n, name, hasBias) => {
      const inputs = {
        x: input('activation', [m, k], 1),
        weight: input('parameter', [n, k], 2),
        bias: input('parameter', [n], 3),
      }
      if (hasBias)
        await checkGradients(
          t,
          device,
          inputs,
          ({ x, weight, bias }) => linear(x, weight, bias, name),
          ({ x, weight, bias }) => reference.linear(x, weight, bias, name),
        )
      else {
        const { bias: _, ...others } = inputs
        await checkGradients(
          t,
          device,
          others,
          ({ x, weight }) => linear(x, weight, null, name),
          ({ x, weight }) => reference.linear(x, weight, null, name),
        )
      }
    }),
    runs,
  )
})

test.serial('bias and activation', async (t) => {
  await fc.assert(
    fc.asyncProperty(rows, columns, activation, async (m, c, name) => {
      await checkGradients(
        t,
        device,
        {
          x: input('activation', [m, c], 4, (value) => 4 * value),
          bias: input('parameter', [c], 5),
        },
        ({ x, bias }) => biasActivation(x, bias, name),
        ({ x, bias }) => reference.biasActivation(x, bias, name),
      )
    }),
    runs,
  )
})

test.serial('layer norm', async (t) => {
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 2, max: 40 }), async (m, c) => {
      await checkGradients(
        t,
        device,
        {
          x: input('activation', [m, c], 6, (value) => 3 * value + 1),
          gamma: input('parameter', [c], 7, (value) => 1 + value),
          beta: input('parameter', [c], 8),
        },
        ({ x, gamma, beta }) => layerNorm(x, gamma, beta, 1e-5),
        ({ x, gamma, beta }) => reference.layerNorm(x, gamma, beta, 1e-5),
      )
    }),
    runs,
  )
})

test.serial('bias, dropout, residual and layer norm', async (t) => {
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 2, max: 40 }), probability, async (m, c, p) => {
      const { native, reference: place } = site(p, m)
      await checkGradients(
        t,
        device,
        {
          x: input('activation', [m, c], 9),
          residual: input('activation', [m, c], 10),
          bias: input('parameter', [c], 11),
          gamma: input('parameter', [c], 12, (value) => 1 + value),
          beta: input('parameter', [c], 13),
        },
        ({ x, bias, residual, gamma, beta }) =>
          residualLayerNorm(x, bias, residual, gamma, beta, { epsilon: 1e-5, dropout: native() }),
        ({ x, bias, residual, gamma, beta }) =>
          reference.residualLayerNorm(x, bias, residual, gamma, beta, 1e-5, place),
      )
    }),
    runs,
  )
})

test.serial('dropout', async (t) => {
  await fc.assert(
    fc.asyncProperty(rows, columns, probability, async (m, c, p) => {
      const { native, reference: place } = site(p, m)
      await checkGradients(
        t,
        device,
        { x: input('activation', [m, c], 14) },
        ({ x }) => dropout(x, native()),
        ({ x }) => reference.matrix(m, c, (i, j) => reference.at(x, i, j) * reference.keep(place, i, j)),
      )
    }),
    runs,
  )
})

test.serial('embedding sum, layer norm and dropout', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: -1, max: 5 }), fc.nat(3), fc.nat(2), fc.nat(1)), {
        minLength: 1,
        maxLength: 9,
      }),
      fc.integer({ min: 2, max: 20 }),
      probability,
      fc.boolean(),
      async (tokens, c, p, hasTask) => {
        const index = ([0, 1, 2, 3] as const).map((part) => tokens.map((token) => Math.max(token[part], -1)))
        const [ids, positions, segments, tasks] = index
        const { native, reference: place } = site(p, ids.length)
        const tensor = (values: number[]) => device.tensor(Int32Array.from(values))
        const tables = {
          word: input('parameter', [6, c], 15),
          position: input('parameter', [4, c], 16),
          segment: input('parameter', [3, c], 17),
          gamma: input('parameter', [c], 18, (value) => 1 + value),
          beta: input('parameter', [c], 19),
        }
        const task = input('parameter', [2, c], 20)
        const rowsOf = () => ({
          ids: tensor(ids),
          positions: tensor(positions),
          segments: tensor(segments),
          tasks: tensor(tasks),
        })
        const options = () => ({ epsilon: 1e-5, dtype: 'float32' as const, dropout: native() })
        const pairs = ({ word, position, segment }: typeof tables) =>
          [
            [word, ids],
            [position, positions],
            [segment, segments],
          ] as const
        if (hasTask)
          await checkGradients(
            t,
            device,
            { ...tables, task },
            (given) => embedding(rowsOf(), given, options()),
            (given) =>
              reference.embedding(
                [...pairs(given), [given.task, tasks]],
                given.gamma,
                given.beta,
                1e-5,
                place,
              ),
          )
        else
          await checkGradients(
            t,
            device,
            tables,
            (given) => embedding(rowsOf(), { ...given, task: null }, options()),
            (given) => reference.embedding(pairs(given), given.gamma, given.beta, 1e-5, place),
          )
      },
    ),
    runs,
  )
})

test.serial('attention over packed sequences, empty ones and tail rows among them', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(7), { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(1, 4, 5, 16),
      probability,
      async (lengths, tail, heads, size, p) => {
        const offsets = [0]
        for (const length of lengths) offsets.push(offsets.at(-1)! + length)
        const m = offsets.at(-1)! + tail
        if (m === 0) return
        const { native, reference: place } = site(p, m)
        await checkGradients(
          t,
          device,
          { qkv: input('activation', [m, 3 * heads * size], 21, (value) => 2 * value) },
          ({ qkv }) => attention(qkv, device.tensor(Int32Array.from(offsets)), heads, native()),
          ({ qkv }) => reference.attention(qkv, offsets, heads, place),
        )
      },
    ),
    runs,
  )
})

test.serial('gather and scatter of rows', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 1, maxLength: 9 }),
      columns,
      async (index, c) => {
        const { at, matrix } = reference
        const indices = () => device.tensor(Int32Array.from(index))
        await checkGradients(
          t,
          device,
          { x: input('activation', [5, c], 22) },
          ({ x }) => gatherRows(x, indices()),
          ({ x }) => matrix(index.length, c, (i, j) => (index[i] < 0 ? 0 : at(x, index[i], j))),
        )
        await checkGradients(
          t,
          device,
          { x: input('activation', [index.length, c], 23) },
          ({ x }) => scatterRows(x, indices(), 5),
          ({ x }) =>
            matrix(5, c, (row, j) => index.reduce((sum, to, i) => (to === row ? sum + at(x, i, j) : sum), 0)),
        )
      },
    ),
    runs,
  )
})
