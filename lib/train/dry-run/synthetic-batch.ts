import {
  IGNORED_LABEL,
  POSITIONS_PER_SLOT,
  roundUp,
  TARGET_MULTIPLE,
  TOKEN_MULTIPLE,
} from '../../data/batch.ts'
import { createRandom } from '../../data/random.ts'
import type { BatchArrays } from '../../nn/batch.ts'
import type { HeadSpec } from '../../nn/heads/head.ts'

/** A batch of random ids without a corpus, in the form of a micro-batch. */
export interface SyntheticBatch {
  tokens: number
  batch: BatchArrays
  targets: { task: string; index: Int32Array; labels: Int32Array; rows: Int32Array; valid: number }[]
}

const maskedShare = 0.15
const firstOrdinary = 5

/**
 * Sequences of one length with labels for every head: a masked language model's on 15 % of the tokens, a token classifier's
 * on all, a sentence classifier's on each sequence.
 */
export function syntheticBatch(
  sequences: number,
  length: number,
  vocabularySize: number,
  heads: { name: string; spec: HeadSpec }[],
): SyntheticBatch {
  const random = createRandom(1, 'synthetic batch')
  const tokens = sequences * length
  const size = roundUp(tokens, TOKEN_MULTIPLE)
  const int32 = () => new Int32Array(size)
  const batch = {
    ids: int32().fill(-1),
    positions: int32(),
    segments: int32(),
    tasks: int32(),
    rows: int32(),
    offsets: Int32Array.from({ length: sequences + 1 }, (_, sequence) => sequence * length),
  }
  for (let token = 0; token < tokens; token++) {
    batch.ids[token] = firstOrdinary + random.below(vocabularySize - firstOrdinary)
    batch.positions[token] = token % length
    batch.rows[token] = Math.floor(token / length) * POSITIONS_PER_SLOT + (token % length)
  }
  const targets = heads.map(({ name, spec }) => {
    const places = placesOf(spec, sequences, length)
    const padded = (fill: number) => new Int32Array(roundUp(places.length, TARGET_MULTIPLE)).fill(fill)
    const target = {
      task: name,
      index: padded(-1),
      labels: padded(IGNORED_LABEL),
      rows: padded(0),
      valid: places.length,
    }
    const classes = 'classes' in spec ? spec.classes : vocabularySize
    places.forEach((place, row) => {
      target.index[row] = place
      target.labels[row] = random.below(classes)
      target.rows[row] = batch.rows[place]
    })
    return target
  })
  return { tokens, batch, targets }
}

/** Tokens that a head looks at. */
function placesOf({ kind }: HeadSpec, sequences: number, length: number): number[] {
  const all = sequences * length
  if (kind === 'token-classification') return Array.from({ length: all }, (_, token) => token)
  if (kind !== 'masked-language-model') return Array.from({ length: sequences }, (_, index) => index * length)
  const count = Math.max(1, Math.round(maskedShare * all))
  return Array.from({ length: count }, (_, row) => Math.floor((row * all) / count))
}
