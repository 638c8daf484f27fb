/** Labels of one task in a micro-batch. All arrays have the same length, a multiple of 16. */
export interface Targets {
  task: string
  /** Token row of the micro-batch to gather, -1 where unused. */
  index: Int32Array
  /** Class or token id, -100 where unused. */
  labels: Int32Array
  /** Dropout row of each gathered row: the slot in the global step for sentence tasks, `rows[index]` for token tasks. */
  rows: Int32Array
  /** How many are used: the first ones. */
  valid: number
}

/**
 * Sequences laid end to end, no padding between them. Token arrays are as long as `tokens` rounded up to a multiple of
 * 64; the tail belongs to no sequence, its ids are -1 and everything else 0.
 */
export interface MicroBatch {
  tokens: number
  sequences: number
  ids: Int32Array
  /** Position of the token in its sequence. */
  positions: Int32Array
  segments: Int32Array
  /** Task id of the step's sentence task, 0 for none. */
  tasks: Int32Array
  /** Slot in the global step × 512 + position: the row coordinate of dropout, the same for any split of a step. */
  rows: Int32Array
  /** First token of each sequence, int32 [sequence capacity + 1]; unused sequences have length 0. */
  offsets: Int32Array
  /** First slot of the global step that is in this micro-batch; the others follow without a gap. */
  firstSlot: number
  targets: Targets[]
}

export interface StepBatch {
  step: number
  stage: number
  corpus: string
  sentenceTask: string | null
  tokenTasks: string[]
  microBatches: MicroBatch[]
  /** Valid labels of each task in the whole step, over all micro-batches. */
  counts: Record<string, number>
  /** Real tokens of the step, specials included. */
  tokens: number
  /** Gives the memory back to the worker that fills it; the arrays must not be read any more. */
  release(): void
}

/** What one micro-batch can hold; it is closed when one of them is full. */
export interface BatchLimits {
  /** Multiple of 64, at least the longest input. */
  tokens: number
  sequences: number
  /** Rows for masked language modelling: only these reach the vocabulary. */
  maskedRows: number
}

/** One optimiser step, before its inputs are drawn. */
export interface StepPlan {
  /** Number of the step in the run, from 0. */
  step: number
  stage: number
  sentenceTask: string | null
  /** Id of the sentence task in the task embedding, 0 for none. */
  taskId: number
  tokenTasks: string[]
  corpus: string
  /** Sequences of the step, over all micro-batches. */
  slots: number
  /** Stages done before it, the current one by its share of steps; Infinity on held-out text. */
  progress: number
  /** Slots that earlier steps took from this corpus: slot s of the step reads window `firstSlot + s` of its order. */
  firstSlot: number
}

export const TOKEN_MULTIPLE = 64
export const TARGET_MULTIPLE = 16
export const POSITIONS_PER_SLOT = 512
export const IGNORED_LABEL = -100

export const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple
