import { createRandom } from '../data/random.ts'
import { writeSafetensors } from '../interop/write-safetensors.ts'
import type { EncoderBatch, HeadTargets } from '../nn/batch.ts'
import type { Device } from '../tensor/device.ts'

/** A batch of random ids both as HuggingFace takes it, [sequences, length] padded, and as everlearn does, packed. */
export interface SyntheticBatch {
  sequences: number
  length: number
  lengths: number[]
  /** Of all sequences, without padding. */
  tokens: number
  /** [sequences × length], 0 where padded. */
  ids: Int32Array
  /** [sequences × length], the id to predict at masked positions, -100 elsewhere. */
  labels: Int32Array
  /** [sequences]. */
  nextSentence: Int32Array
}

const maskedShare = 0.15

/** `fill`: mean share of a row that is text; lengths are then spread evenly around it. */
export function makeSyntheticBatch(
  sequences: number,
  length: number,
  vocabularySize: number,
  fill = 1,
): SyntheticBatch {
  const random = createRandom(1, sequences, length)
  const lengths = Array.from({ length: sequences }, (_, index) =>
    fill >= 1 ? length : Math.round(length * (2 * fill - 1 + (2 * (1 - fill) * (index + 0.5)) / sequences)),
  )
  const ids = new Int32Array(sequences * length)
  const labels = new Int32Array(sequences * length).fill(-100)
  for (const [sequence, real] of lengths.entries())
    for (let position = 0; position < real; position++) {
      const at = sequence * length + position
      ids[at] = 5 + random.below(vocabularySize - 5)
      if (random.uniform() < maskedShare) labels[at] = ids[at]
    }
  const nextSentence = Int32Array.from(lengths, () => random.below(2))
  return { sequences, length, lengths, tokens: lengths.reduce((a, b) => a + b), ids, labels, nextSentence }
}

/** The file that bench/pytorch_step.py reads. */
export function writeSyntheticBatch(
  file: string,
  { sequences, length, lengths, ids, labels, nextSentence }: SyntheticBatch,
): void {
  const shape = [sequences, length]
  const mask = new Int32Array(ids.length)
  for (const [sequence, real] of lengths.entries()) mask.fill(1, sequence * length, sequence * length + real)
  const zeros = { shape, data: new Int32Array(ids.length) }
  writeSafetensors(file, {
    input_ids: { shape, data: ids },
    attention_mask: { shape, data: mask },
    token_type_ids: zeros,
    task_type_ids: zeros,
    labels: { shape, data: labels },
    next_sentence_label: { shape: [sequences], data: nextSentence },
  })
}

export interface Uploaded {
  batch: EncoderBatch
  targets: HeadTargets[]
}

/** The same batch without its padding, on a device. */
export function uploadPacked(
  device: Device,
  source: SyntheticBatch,
  heads: { mask: string; sentence: string },
): Uploaded {
  const { sequences, length, lengths, tokens } = source
  const size = Math.ceil(tokens / 64) * 64
  const ids = new Int32Array(size).fill(-1)
  const positions = new Int32Array(size)
  const rows = new Int32Array(size)
  const offsets = new Int32Array(sequences + 1)
  const masked: { at: number; label: number }[] = []
  let at = 0
  for (const [sequence, real] of lengths.entries()) {
    for (let position = 0; position < real; position++, at++) {
      ids[at] = source.ids[sequence * length + position]
      positions[at] = position
      rows[at] = sequence * 512 + position
      const label = source.labels[sequence * length + position]
      if (label >= 0) masked.push({ at, label })
    }
    offsets[sequence + 1] = at
  }
  const int32 = (values: Int32Array) => device.tensor(values, [values.length], 'int32')
  const zeros = int32(new Int32Array(size))
  const used = Math.ceil(masked.length / 16) * 16
  const index = new Int32Array(used).fill(-1)
  const labels = new Int32Array(used).fill(-100)
  for (const [row, target] of masked.entries()) {
    index[row] = target.at
    labels[row] = target.label
  }
  const scale = (count: number) => device.tensor([1 / count], [1], 'float32')
  return {
    batch: {
      ids: int32(ids),
      positions: int32(positions),
      segments: zeros,
      tasks: zeros,
      rows: int32(rows),
      offsets: int32(offsets),
      longest: length,
    },
    targets: [
      {
        head: heads.mask,
        index: int32(index),
        labels: int32(labels),
        rows: int32(index.map((row) => rows[Math.max(row, 0)])),
        scale: scale(masked.length),
      },
      {
        head: heads.sentence,
        index: int32(offsets.slice(0, sequences)),
        labels: int32(source.nextSentence),
        rows: int32(Int32Array.from(lengths, (_, sequence) => sequence)),
        scale: scale(sequences),
      },
    ],
  }
}
