import type { EncoderBatch, HeadTargets } from '../../lib/nn/batch.ts'
import { type EncoderConfig, encoderConfig } from '../../lib/nn/config.ts'
import type { Encoder } from '../../lib/nn/encoder.ts'
import { type LstmConfig, lstmConfig } from '../../lib/nn/lstm-config.ts'
import { LstmEncoder } from '../../lib/nn/lstm-encoder.ts'
import { MultiTaskModel } from '../../lib/nn/multi-task-model.ts'
import { TransformerEncoder } from '../../lib/nn/transformer-encoder.ts'
import type { AdamW } from '../../lib/optim/adamw.ts'
import type { Device } from '../../lib/tensor/device.ts'
import type { Floating } from '../../lib/tensor/dtype.ts'

export const smallVocabulary = 70

interface SmallModelOptions {
  dtype?: Floating
  dropout?: number
  activationCheckpointing?: boolean
}

/** A two-layer model with a masked language model, a sentence and a token head. */
export function smallModel(
  device: Device,
  options: SmallModelOptions & { config?: Partial<EncoderConfig> } = {},
): MultiTaskModel<TransformerEncoder> {
  const { dropout = 0.1 } = options
  const config = encoderConfig(
    {
      layers: 2,
      hiddenSize: 32,
      heads: 4,
      positions: 64,
      hiddenDropout: dropout,
      attentionDropout: dropout,
      initializerRange: 0.2,
      ...options.config,
    },
    smallVocabulary,
  )
  return withHeads(new TransformerEncoder(device, config, { ...options, seed: 3 }))
}

/** The same with an LSTM of three layers. */
export function smallLstmModel(
  device: Device,
  options: SmallModelOptions & { config?: Partial<LstmConfig> } = {},
): MultiTaskModel<LstmEncoder> {
  const { dropout = 0.1 } = options
  const shape = { layers: 3, hiddenSize: 32, positions: 64, hiddenDropout: dropout, initializerRange: 0.2 }
  const config = lstmConfig({ ...shape, ...options.config }, smallVocabulary)
  return withHeads(new LstmEncoder(device, config, { ...options, seed: 3 }))
}

function withHeads<E extends Encoder>(encoder: E): MultiTaskModel<E> {
  const model = new MultiTaskModel(encoder, { seed: 3 })
  model.addHead('words', { kind: 'masked-language-model' })
  model.addHead('sentence', { kind: 'sentence-classification', classes: 3 })
  model.addHead('capitals', { kind: 'token-classification', classes: 2 })
  return model
}

/** The length of the input in a slot: some are short, one is a single token. */
export const lengthOf = (slot: number) => 1 + ((slot * 7) % 23)

const hash = (...values: number[]) =>
  values.reduce((sum, value) => (Math.imul(sum ^ value, 0x9e3779b1) >>> 0) ^ (sum >>> 13), 12345) >>> 8

/**
 * The inputs of some slots of a step, packed in the order given: what is in a slot depends on its number alone.
 * `counts` are those of the whole step, so that parts of it add up.
 */
export function packSlots(
  device: Device,
  slots: readonly number[],
  counts: { words: number; sentence: number; capitals: number },
  tail = 0,
): { batch: EncoderBatch; targets: HeadTargets[]; starts: number[] } {
  const ids: number[] = []
  const positions: number[] = []
  const segments: number[] = []
  const rows: number[] = []
  const offsets = [0]
  const words = { index: [] as number[], labels: [] as number[], rows: [] as number[] }
  const capitals = { index: [] as number[], labels: [] as number[], rows: [] as number[] }
  for (const slot of slots) {
    for (let position = 0; position < lengthOf(slot); position++) {
      const label = hash(slot, position) % smallVocabulary
      const row = slot * 512 + position
      if (position % 5 === 2) {
        words.index.push(ids.length)
        words.labels.push(label)
        words.rows.push(row)
      }
      capitals.index.push(ids.length)
      capitals.labels.push(label % 2)
      capitals.rows.push(row)
      ids.push(position % 5 === 2 ? 3 : label)
      positions.push(position)
      segments.push(position % 4)
      rows.push(row)
    }
    offsets.push(ids.length)
  }
  const starts = offsets.slice(0, -1)
  for (let i = 0; i < tail; i++) {
    ids.push(-1)
    positions.push(0)
    segments.push(0)
    rows.push(0)
  }
  const int32 = (values: readonly number[]) => device.tensor(Int32Array.from(values))
  const target = (head: string, part: typeof words, count: number): HeadTargets => ({
    head,
    index: int32([...part.index, -1]),
    labels: int32([...part.labels, -100]),
    rows: int32([...part.rows, 0]),
    scale: device.tensor([1 / count]),
  })
  return {
    batch: {
      ids: int32(ids),
      positions: int32(positions),
      segments: int32(segments),
      tasks: int32(ids.map(() => 1)),
      rows: int32(rows),
      offsets: int32(offsets),
    },
    targets: [
      target('words', words, counts.words),
      target(
        'sentence',
        { index: starts, labels: slots.map((slot) => slot % 3), rows: [...slots] },
        counts.sentence,
      ),
      target('capitals', capitals, counts.capitals),
    ],
    starts,
  }
}

/** Valid labels of a step with these slots. */
export function countsOf(slots: readonly number[]) {
  const tokens = slots.reduce((sum, slot) => sum + lengthOf(slot), 0)
  const words = slots.reduce((sum, slot) => sum + Math.floor((lengthOf(slot) + 2) / 5), 0)
  return { words, sentence: slots.length, capitals: tokens }
}

/** Losses of each head in 40 steps on one batch of sequences of these lengths. */
export async function lossesOfTraining(
  model: MultiTaskModel,
  optimizer: AdamW,
  slots: number[],
): Promise<[name: string, losses: number[]][]> {
  const { device } = model.encoder
  const losses: Record<string, number[]> = {}
  for (let step = 1; step <= 40; step++) {
    using _scope = device.scope()
    using tape = device.tape()
    const { batch, targets } = packSlots(device, slots, countsOf(slots), 8)
    const found = model.forward(batch, targets, { lossScale: optimizer.lossScale.value })
    tape.backward([...found.values()])
    optimizer.step(model.arenas(), 5e-3)
    for (const [name, loss] of found) {
      losses[name] ??= []
      losses[name].push((await loss.read())[0])
    }
  }
  return Object.entries(losses)
}
