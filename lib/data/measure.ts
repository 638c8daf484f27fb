import { assembleStep } from './assemble.ts'
import type { BatchLimits, StepBatch, StepPlan } from './batch.ts'
import { type DrawnInput, drawSlot } from './draw.ts'
import type { DataSource } from './source.ts'

/**
 * Mean tokens of the inputs that a sentence task, or null for token-only steps, draws from a corpus, special tokens
 * included. Measured once in a run; steps then have round(tokens per step ÷ mean) slots.
 */
export function meanInputLength(
  source: DataSource,
  corpus: string,
  sentenceTask: string | null,
  samples = 512,
): number {
  const plan = planOf(corpus, sentenceTask, [], { step: -1, slots: samples })
  let tokens = 0
  for (let slot = 0; slot < samples; slot++) tokens += drawSlot(source, plan, slot).ids.length
  return tokens / samples
}

const evaluationSeed = 1
const evaluationSlots = 256

/** Which inputs one task is judged with: the first `count` of a fixed order of a corpus. */
interface EvaluationInputs {
  corpus: string
  count: number
  /** Id in the task embedding, for sentence tasks. */
  taskId?: number
}

/**
 * Inputs with which one task is judged, the same ones whatever the run's seed and the limits: the first `count` of a
 * fixed order of the corpus, which should be held-out text. Only the task's own labels are in them, so nothing is
 * masked but by a masking task itself. Comes in steps of up to 256 slots.
 *
 * @param task name of one of the source's tasks
 */
export function* evaluationSteps(
  source: DataSource,
  task: string,
  options: EvaluationInputs & { limits: BatchLimits },
): Generator<StepBatch> {
  for (const plan of evaluationPlans(source, task, options)) {
    yield assembleStep({ ...source, seed: evaluationSeed }, plan, options.limits)
  }
}

/** The inputs of {@link evaluationSteps} one by one, before they are packed. */
export function* evaluationInputs(
  source: DataSource,
  task: string,
  options: EvaluationInputs,
): Generator<DrawnInput> {
  for (const plan of evaluationPlans(source, task, options)) {
    for (let slot = 0; slot < plan.slots; slot++) {
      yield drawSlot({ ...source, seed: evaluationSeed }, plan, slot)
    }
  }
}

function* evaluationPlans(
  source: DataSource,
  task: string,
  { corpus, count, taskId }: EvaluationInputs,
): Generator<StepPlan> {
  const sentence = source.tasks[task].kind === 'sentence'
  for (let firstSlot = 0, step = 0; firstSlot < count; firstSlot += evaluationSlots, step++) {
    const slots = Math.min(evaluationSlots, count - firstSlot)
    yield planOf(corpus, sentence ? task : null, sentence ? [] : [task], { step, slots, firstSlot, taskId })
  }
}

function planOf(
  corpus: string,
  sentenceTask: string | null,
  tokenTasks: string[],
  { step, slots, firstSlot = 0, taskId = 0 }: Partial<StepPlan> & { step: number; slots: number },
): StepPlan {
  return {
    step,
    stage: 0,
    progress: Number.POSITIVE_INFINITY,
    sentenceTask,
    taskId,
    tokenTasks,
    corpus,
    slots,
    firstSlot,
  }
}
