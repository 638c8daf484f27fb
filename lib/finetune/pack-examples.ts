import {
  IGNORED_LABEL,
  type MicroBatch,
  POSITIONS_PER_SLOT,
  roundUp,
  TARGET_MULTIPLE,
  TOKEN_MULTIPLE,
} from '../data/batch.ts'
import type { EncodedExample } from './encode-example.ts'

/**
 * Lays the examples of a step end to end, in as many micro-batches as `tokens` asks for. The slot of an example, on
 * which its dropout depends, is its place among all of them.
 *
 * @param task name of the head that the labels are for
 * @param tokens that a micro-batch may have, at least the longest example's
 */
export function packExamples(
  examples: readonly EncodedExample[],
  task: string,
  tokens: number,
): MicroBatch[] {
  const batches: MicroBatch[] = []
  for (let first = 0; first < examples.length; ) {
    let end = first
    let length = 0
    while (end < examples.length && (end === first || length + examples[end].ids.length <= tokens)) {
      length += examples[end++].ids.length
    }
    batches.push(pack(examples.slice(first, end), first, length, task))
    first = end
  }
  return batches
}

function pack(
  examples: readonly EncodedExample[],
  firstSlot: number,
  tokens: number,
  task: string,
): MicroBatch {
  const capacity = roundUp(tokens, TOKEN_MULTIPLE)
  const targetCapacity = roundUp(examples.length, TARGET_MULTIPLE)
  const zeros = () => new Int32Array(capacity)
  const target = {
    task,
    index: new Int32Array(targetCapacity).fill(-1),
    labels: new Int32Array(targetCapacity).fill(IGNORED_LABEL),
    rows: new Int32Array(targetCapacity),
    valid: examples.length,
  }
  const batch: MicroBatch = {
    tokens,
    sequences: examples.length,
    ids: zeros().fill(-1),
    positions: zeros(),
    segments: zeros(),
    tasks: zeros(),
    rows: zeros(),
    offsets: new Int32Array(examples.length + 1).fill(tokens),
    firstSlot,
    targets: [target],
  }
  let token = 0
  for (const [index, { ids, firstLength, label }] of examples.entries()) {
    const slot = firstSlot + index
    batch.offsets[index] = token
    batch.ids.set(ids, token)
    batch.segments.fill(1, token + firstLength, token + ids.length)
    target.index[index] = token
    target.labels[index] = label
    target.rows[index] = slot
    for (let position = 0; position < ids.length; position++, token++) {
      batch.positions[token] = position
      batch.rows[token] = slot * POSITIONS_PER_SLOT + position
    }
  }
  return batch
}
