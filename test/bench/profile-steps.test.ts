import test from 'ava'
import { operationKinds } from '../../lib/bench/operation-kinds.ts'
import { profileSteps } from '../../lib/bench/profile-steps.ts'
import { makeSyntheticBatch } from '../../lib/bench/synthetic-batch.ts'
import { benchModelOf, disposeBenchModel, runBenchSteps } from '../../lib/bench/training-step.ts'
import { encoderConfig } from '../../lib/nn/config.ts'
import { TransformerEncoder } from '../../lib/nn/transformer-encoder.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { loadNative } from '../../lib/tensor/native.ts'

const vocabulary = 50

test('every operation is of a kind', (t) => {
  const names = loadNative()
    .describeOps()
    .map(({ name }) => name)
  t.deepEqual(Object.keys(operationKinds).sort(), names.sort())
})

test('the shares of a training step are of its time', async (t) => {
  const device = await openDevice()
  const shape = { layers: 2, hiddenSize: 32, heads: 4, positions: 64 }
  const built = benchModelOf(
    new TransformerEncoder(device, encoderConfig(shape, vocabulary), { seed: 1 }),
    'float32',
  )
  const batch = makeSyntheticBatch(4, 32, vocabulary)
  await runBenchSteps(built, batch, 1)
  let measured = 0
  const run = async (steps: number) => {
    const times = await runBenchSteps(built, batch, steps)
    measured = times.reduce((sum, milliseconds) => sum + milliseconds / 1e3, 0)
    return times
  }
  const one = await profileSteps(device, () => run(1))
  const { seconds, operations, shares } = await profileSteps(device, () => run(3))
  disposeBenchModel(built)
  device.close()

  t.is(seconds, measured)
  const kinds = shares.map(({ kind }) => kind)
  for (const kind of ['products', 'attention', 'normalisation', 'losses', 'optimiser'] as const)
    t.true(kinds.includes(kind), kind)
  t.is(kinds.at(-1), 'between operations')
  t.true(shares.every(({ share }) => share >= 0 && share <= 1))
  t.true(Math.abs(shares.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9)
  const products = (operations.linear?.seconds ?? 0) + (operations.linearBackward?.seconds ?? 0)
  const share = shares.find(({ kind }) => kind === 'products')?.share ?? 0
  t.true(Math.abs(share * measured - products) < 1e-9)
  for (const [name, { calls }] of Object.entries(operations))
    t.is(calls, 3 * (one.operations[name as keyof typeof operations]?.calls ?? 0), name)
  t.is(one.operations.attention?.calls, 2)
  t.is(one.operations.linear?.calls, one.operations.linearBackward?.calls)
})
