import test from 'ava'
import type { MicroBatch } from '../../lib/data/batch.ts'
import { encoderConfig } from '../../lib/nn/config.ts'
import { lstmConfig } from '../../lib/nn/lstm-config.ts'
import { LstmEncoder } from '../../lib/nn/lstm-encoder.ts'
import { TransformerEncoder } from '../../lib/nn/transformer-encoder.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { trainingOperations } from '../../lib/train/operations.ts'

const batch = {
  tokens: 5,
  sequences: 2,
  offsets: Int32Array.of(0, 2, 5),
  targets: [
    { task: 'words', valid: 3 },
    { task: 'sentence', valid: 2 },
  ],
} as unknown as MicroBatch
const headOf = (task: string) =>
  task === 'words'
    ? ({ kind: 'masked-language-model' } as const)
    : ({ kind: 'sentence-classification', classes: 3 } as const)
// Two operations a multiplication: [3, 4] × [4, 4], × [4, 10]; [2, 4] × [4, 4], × [4, 3].
const heads = 2 * (3 * 4 * 4 + 3 * 4 * 10 + 2 * 4 * 4 + 2 * 4 * 3)

test('operations of a transformer are those of its products, backward included', async (t) => {
  const device = await openDevice()
  const config = encoderConfig({ layers: 2, hiddenSize: 4, heads: 2, intermediateSize: 6 }, 10)
  const encoder = new TransformerEncoder(device, config, { seed: 1 })
  // Queries, keys, values, output, two products between; scores and sums of sequences of 2 and 3 tokens.
  const layer = 2 * (5 * 4 * (3 * 4 + 4 + 6 + 6) + 2 * 4 * (2 * 2 + 3 * 3))
  t.is(trainingOperations(encoder, batch, headOf), 3 * (2 * layer + heads))
  device.close()
})

test('operations of an LSTM: two directions of four gates, from the input and from the step before', async (t) => {
  const device = await openDevice()
  const encoder = new LstmEncoder(device, lstmConfig({ layers: 2, hiddenSize: 4 }, 10), { seed: 1 })
  const first = 2 * 5 * 2 * 4 * 4 * (4 + 4)
  const second = 2 * 5 * 2 * 4 * 4 * (8 + 4)
  const output = 2 * 5 * 8 * 4
  t.is(trainingOperations(encoder, batch, headOf), 3 * (first + second + output + heads))
  device.close()
})
