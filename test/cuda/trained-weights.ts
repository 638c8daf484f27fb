import { createHash } from 'node:crypto'
import { makeSyntheticBatch, uploadPacked } from '../../lib/bench/synthetic-batch.ts'
import { encoderConfig } from '../../lib/nn/config.ts'
import { MultiTaskModel } from '../../lib/nn/multi-task-model.ts'
import { TransformerEncoder } from '../../lib/nn/transformer-encoder.ts'
import { AdamW } from '../../lib/optim/adamw.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import type { Floating } from '../../lib/tensor/dtype.ts'
import type { Graph } from '../../lib/tensor/graph.ts'

const vocabulary = 30522
const heads = { mask: 'knowledge-masking', sentence: 'next-sentence' }

export interface Training {
  steps: number
  precision: Floating
  attentionDropout: number
  device?: string
  /** Forward, backward and optimiser as graphs from the second step on. */
  graphs?: boolean
}

/** A mini encoder after a few steps on half-full rows: the sum of the losses of each step, and a hash of its weights. */
export async function trainedWeights({
  steps,
  precision,
  attentionDropout,
  device: where,
  graphs = false,
}: Training) {
  const device = await openDevice(where, { deterministic: true })
  try {
    const config = { ...encoderConfig('mini', vocabulary), attentionDropout }
    const model = new MultiTaskModel(new TransformerEncoder(device, config, { dtype: precision, seed: 3 }), {
      seed: 3,
    })
    model.addHead(heads.mask, { kind: 'masked-language-model' })
    model.addHead(heads.sentence, { kind: 'sentence-classification', classes: 2, dropout: 0 })
    const optimizer = new AdamW(device, { dtype: precision })
    using _inputs = device.scope()
    const { batch, targets } = uploadPacked(device, makeSyntheticBatch(16, 128, vocabulary, 0.5), heads)
    const randomness = { seed: 7, step: device.zeros([1], 'int32') }
    const total = device.zeros([1], 'float32')
    const work = () => {
      using _step = device.scope()
      using tape = device.tape()
      const parts = [
        ...model.forward(batch, targets, { randomness, lossScale: optimizer.lossScale.value }).values(),
      ]
      for (const part of parts) device.run('add', total, part, total)
      tape.backward(parts)
      optimizer.update(model.arenas())
    }
    optimizer.setLearningRate(1e-3)
    const losses: number[] = []
    let graph: Graph | null = null
    for (let step = 0; step < steps; step++) {
      device.write(randomness.step, Int32Array.of(step))
      device.write(total, [0])
      if (graphs && step > 0) {
        graph ??= device.record(work)
        graph.run()
      } else work()
      losses.push((await total.read())[0])
    }
    graph?.dispose()
    const hash = createHash('sha256')
    for (const arena of model.arenas()) hash.update(new Uint8Array((await arena.parameters.read()).buffer))
    model.dispose()
    optimizer.dispose()
    return { losses, hash: hash.digest('hex') }
  } finally {
    device.close()
  }
}
