import {
  type BatchLimits,
  IGNORED_LABEL,
  type MicroBatch,
  POSITIONS_PER_SLOT,
  roundUp,
  type StepBatch,
  type StepPlan,
  TARGET_MULTIPLE,
  type Targets,
  TOKEN_MULTIPLE,
} from './batch.ts'
import { type DrawnInput, drawSlot } from './draw.ts'
import type { DataSource } from './source.ts'

/** Sequences `first` to `end - 1` of a step. */
interface Range {
  first: number
  end: number
  tokens: number
}

/** A target before its arrays exist: which inputs it is about, and how many labels each of them has. */
interface TargetShape {
  task: string
  /** Index among the annotations of an input, or null for the sentence task. */
  annotation: number | null
}

/**
 * Draws the inputs of a step and packs them, a pure function of source and plan: other limits give the same inputs,
 * labels and rows in other micro-batches.
 *
 * @param allocate gives the memory for all arrays, an ArrayBuffer by default
 */
export function assembleStep(
  source: DataSource,
  plan: StepPlan,
  limits: BatchLimits,
  allocate: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): StepBatch {
  checkLimits(limits, source.maxLength, plan)
  const inputs = Array.from({ length: plan.slots }, (_, slot) => drawSlot(source, plan, slot))
  const shapes: TargetShape[] = plan.tokenTasks.map((task, annotation) => ({ task, annotation }))
  if (plan.sentenceTask) shapes.push({ task: plan.sentenceTask, annotation: null })
  const masked = plan.tokenTasks.flatMap((name, index) => {
    const task = source.tasks[name]
    return task.kind === 'token' && task.head.kind === 'masked-language-model' ? [index] : []
  })

  const ranges = splitIntoRanges(inputs, limits, masked)
  const words = ranges.reduce((sum, range) => sum + wordsOf(range, inputs, shapes, limits), 0)
  const take = carve(allocate(words * Int32Array.BYTES_PER_ELEMENT))
  const microBatches = ranges.map((range) => pack(range, inputs, shapes, plan, limits, take))

  const counts: Record<string, number> = {}
  for (const { targets } of microBatches) {
    for (const { task, valid } of targets) counts[task] = (counts[task] ?? 0) + valid
  }
  return {
    step: plan.step,
    stage: plan.stage,
    corpus: plan.corpus,
    sentenceTask: plan.sentenceTask,
    tokenTasks: plan.tokenTasks,
    microBatches,
    counts,
    tokens: ranges.reduce((sum, { tokens }) => sum + tokens, 0),
    release: () => {},
  }
}

function checkLimits(
  { tokens, sequences, maskedRows }: BatchLimits,
  maxLength: number,
  plan: StepPlan,
): void {
  if (tokens % TOKEN_MULTIPLE !== 0 || tokens < maxLength) {
    throw new RangeError(
      `a micro-batch of ${tokens} tokens: a multiple of ${TOKEN_MULTIPLE} ≥ ${maxLength} is wanted`,
    )
  }
  if (sequences < 1) throw new RangeError(`a micro-batch of ${sequences} sequences`)
  if (maskedRows < maxLength)
    throw new RangeError(`${maskedRows} masked rows, fewer than an input of ${maxLength}`)
  if (maxLength > POSITIONS_PER_SLOT)
    throw new RangeError(`inputs of ${maxLength} tokens, more than ${POSITIONS_PER_SLOT}`)
  if (plan.slots < 1 || plan.slots * POSITIONS_PER_SLOT > 2 ** 31)
    throw new RangeError(`a step of ${plan.slots} slots`)
}

/** Closes a micro-batch when the next sequence would pass one of its limits. */
function splitIntoRanges(inputs: DrawnInput[], limits: BatchLimits, masked: number[]): Range[] {
  const ranges: Range[] = []
  let first = 0
  let tokens = 0
  const rows = masked.map(() => 0)
  inputs.forEach(({ ids, annotations }, slot) => {
    const full =
      tokens + ids.length > limits.tokens ||
      slot - first === limits.sequences ||
      masked.some((index, i) => rows[i] + annotations[index].positions.length > limits.maskedRows)
    if (full) {
      ranges.push({ first, end: slot, tokens })
      first = slot
      tokens = 0
      rows.fill(0)
    }
    tokens += ids.length
    masked.forEach((index, i) => {
      rows[i] += annotations[index].positions.length
    })
  })
  ranges.push({ first, end: inputs.length, tokens })
  return ranges
}

function wordsOf(range: Range, inputs: DrawnInput[], shapes: TargetShape[], limits: BatchLimits): number {
  const targets = shapes.reduce((sum, shape) => sum + 3 * targetLength(range, inputs, shape), 0)
  return 5 * roundUp(range.tokens, TOKEN_MULTIPLE) + limits.sequences + 1 + targets
}

const validOf = ({ first, end }: Range, inputs: DrawnInput[], { annotation }: TargetShape): number => {
  if (annotation === null) return end - first
  let valid = 0
  for (let slot = first; slot < end; slot++) valid += inputs[slot].annotations[annotation].positions.length
  return valid
}

const targetLength = (range: Range, inputs: DrawnInput[], shape: TargetShape): number =>
  roundUp(Math.max(validOf(range, inputs, shape), 1), TARGET_MULTIPLE)

/** Hands out consecutive pieces of a buffer. */
function carve(buffer: ArrayBufferLike): (length: number, value: number) => Int32Array {
  let offset = 0
  return (length, value) => {
    const piece = new Int32Array(buffer, offset, length).fill(value)
    offset += piece.byteLength
    return piece
  }
}

function pack(
  range: Range,
  inputs: DrawnInput[],
  shapes: TargetShape[],
  plan: StepPlan,
  limits: BatchLimits,
  take: (length: number, value: number) => Int32Array,
): MicroBatch {
  const { first, end, tokens } = range
  const length = roundUp(tokens, TOKEN_MULTIPLE)
  const batch: MicroBatch = {
    tokens,
    sequences: end - first,
    ids: take(length, -1),
    positions: take(length, 0),
    segments: take(length, 0),
    tasks: take(length, 0).fill(plan.taskId, 0, tokens),
    rows: take(length, 0),
    offsets: take(limits.sequences + 1, tokens),
    firstSlot: first,
    targets: [],
  }
  for (let slot = first, token = 0; slot < end; slot++) {
    const { input, ids } = inputs[slot]
    batch.offsets[slot - first] = token
    batch.ids.set(ids, token)
    batch.segments.set(input.segments, token)
    for (let position = 0; position < ids.length; position++, token++) {
      batch.positions[token] = position
      batch.rows[token] = slot * POSITIONS_PER_SLOT + position
    }
  }
  batch.targets = shapes.map((shape) => packTarget(range, inputs, shape, batch, take))
  return batch
}

function packTarget(
  range: Range,
  inputs: DrawnInput[],
  shape: TargetShape,
  { offsets, rows }: MicroBatch,
  take: (length: number, value: number) => Int32Array,
): Targets {
  const length = targetLength(range, inputs, shape)
  const target = { index: take(length, -1), labels: take(length, IGNORED_LABEL), rows: take(length, 0) }
  let row = 0
  for (let slot = range.first; slot < range.end; slot++) {
    const start = offsets[slot - range.first]
    if (shape.annotation === null) {
      target.index[row] = start
      target.labels[row] = inputs[slot].input.label as number
      target.rows[row++] = slot
      continue
    }
    const { positions, labels } = inputs[slot].annotations[shape.annotation]
    for (let i = 0; i < positions.length; i++, row++) {
      target.index[row] = start + positions[i]
      target.labels[row] = labels[i]
      target.rows[row] = rows[target.index[row]]
    }
  }
  return { task: shape.task, ...target, valid: row }
}
