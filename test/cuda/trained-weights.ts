import { createHash } from 'node:crypto'
import { makeSyntheticBatch, uploadPacked } from '../../lib/bench/synthetic-batch.ts'
import { encoderConfig } from '../../lib/nn/config.ts'
import { MultiTaskModel } from '../../lib/nn/multi-task-model.ts'
import { TransformerEncoder } from '../../lib/nn/transformer-encoder.ts'
import { AdamW } from '../../lib/optim/adamw.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import type { Floating } from '../../lib/tensor/dtype.ts'

const vocabulary = 30522
const heads = { mask: 'knowledge-masking', sentence: 'next-sentence' }

export interface Training {
  steps: number
  precision: Floating
  attentionDropout: number
  device?: string
}

/** A mini encoder after a few steps on half-full rows: the sum of the losses of each step, and a hash of its weights. */
export async function trainedWeights({ steps, precision, attentionDropout, device: where }: Training) {
  const device = await openDevice(where, { deterministic: true })
  try {
    const config = { ...encoderConfig('mini', vocabulary), attentionDropout }
    const model = new MultiTaskModel(new TransformerEncoder(device, config, { dtype: precision, seed: 3 }), {
      seed: 3,
    })
    model.addHead(heads.mask, { kind: 'masked-language-model' })
    model.addHead(heads.sentence, { kind: 'sentence-classification', classes: 2, dropout: 0 })
    const optimizer = new AdamW(device, { dtype: precision })
    const losses: number[] = []
    for (let step = 0; step < steps; step++) {
      using _step = device.scope()
      const { batch, targets } = uploadPacked(device, makeSyntheticBatch(16, 128, vocabulary, 0.5), heads)
      const randomness = { seed: 7, step: device.tensor([step], [1], 'int32') }
      using tape = device.tape()
      const parts = [
        ...model.forward(batch, targets, { randomness, lossScale: optimizer.lossScale.value }).values(),
      ]
      const values = parts.map((part) => part.read())
      tape.backward(parts)
      optimizer.step(model.arenas(), 1e-3)
      losses.push((await Promise.all(values)).reduce((sum, [value]) => sum + value, 0))
    }
    const hash = createHash('sha256')
    for (const arena of model.arenas()) hash.update(new Uint8Array((await arena.parameters.read()).buffer))
    model.dispose()
    optimizer.dispose()
    return { losses, hash: hash.digest('hex') }
  } finally {
    device.close()
  }
}
