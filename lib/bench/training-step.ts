import { encoderConfig } from '../nn/config.ts'
import type { Encoder } from '../nn/encoder.ts'
import { MultiTaskModel } from '../nn/multi-task-model.ts'
import { TransformerEncoder } from '../nn/transformer-encoder.ts'
import { AdamW } from '../optim/adamw.ts'
import type { Device } from '../tensor/device.ts'
import type { Floating } from '../tensor/dtype.ts'
import { type BenchCase, benchVocabularySize } from './cases.ts'
import { type SyntheticBatch, uploadPacked } from './synthetic-batch.ts'

export const benchHeads = { mask: 'knowledge-masking', sentence: 'next-sentence' }
const seed = 1

export interface BenchModel<E extends Encoder = Encoder> {
  model: MultiTaskModel<E>
  optimizer: AdamW
}

/** ERNIE with a masked language model and a two-way sentence head: HuggingFace's ErnieForPreTraining. */
export function makeBenchModel(
  device: Device,
  { size, precision }: BenchCase,
): BenchModel<TransformerEncoder> {
  const encoder = new TransformerEncoder(device, encoderConfig(size, benchVocabularySize), {
    dtype: precision,
    seed,
  })
  return benchModelOf(encoder, precision)
}

/** The same heads on another encoder. */
export function benchModelOf<E extends Encoder>(encoder: E, precision: Floating): BenchModel<E> {
  const model = new MultiTaskModel(encoder, { seed })
  model.addHead(benchHeads.mask, { kind: 'masked-language-model' })
  model.addHead(benchHeads.sentence, { kind: 'sentence-classification', classes: 2, dropout: 0 })
  return { model, optimizer: new AdamW(encoder.device, { dtype: precision }) }
}

/** Sum of both losses of the batch, without dropout. */
export async function benchLoss({ model }: BenchModel, source: SyntheticBatch): Promise<number> {
  const { device } = model.encoder
  using _scope = device.scope()
  const { batch, targets } = uploadPacked(device, source, benchHeads)
  const losses = [...model.forward(batch, targets).values()]
  const values = await Promise.all(losses.map((loss) => loss.read()))
  return values.reduce((sum, [value]) => sum + value, 0)
}

/** Milliseconds of each of `count` training steps: forward, backward, clip, AdamW over all parameters, dropout 0.1. */
export async function runBenchSteps(
  { model, optimizer }: BenchModel,
  source: SyntheticBatch,
  count: number,
): Promise<number[]> {
  const { device } = model.encoder
  using _batch = device.scope()
  const { batch, targets } = uploadPacked(device, source, benchHeads)
  const randomness = { seed, step: device.tensor([1], [1], 'int32') }
  await device.synchronize()
  const times: number[] = []
  for (let step = 0; step < count; step++) {
    const start = performance.now()
    {
      using _step = device.scope()
      using tape = device.tape()
      const losses = model.forward(batch, targets, { randomness, lossScale: optimizer.lossScale.value })
      tape.backward([...losses.values()])
      optimizer.step(model.arenas(), 1e-4)
    }
    await device.synchronize()
    times.push(performance.now() - start)
  }
  return times
}

export function disposeBenchModel({ model, optimizer }: BenchModel): void {
  model.dispose()
  optimizer.dispose()
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
