import { assembleStep } from './assemble.ts'
import type { BatchLimits, StepBatch, StepPlan } from './batch.ts'
import { drawSlot } from './draw.ts'
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

/**
 * Inputs with which one task is judged, the same ones whatever the run's seed and the limits: the first `count` of a
 * fixed order of the corpus, which should be held-out text. Only the task's own labels are in them, so nothing is
 * masked but by a masking task itself. Comes in steps of up to 256 slots.
 *
 * @param task name of one of the source's tasks
 * @param taskId id in the task embedding, for sentence tasks
 */
export function* evaluationSteps(
  source: DataSource,
  task: string,
  options: { corpus: string; count: number; limits: BatchLimits; taskId?: number },
): Generator<StepBatch> {
  const { corpus, count, limits, taskId } = options
  const sentence = source.tasks[task].kind === 'sentence'
  for (let firstSlot = 0, step = 0; firstSlot < count; firstSlot += evaluationSlots, step++) {
    const slots = Math.min(evaluationSlots, count - firstSlot)
    const plan = planOf(corpus, sentence ? task : null, sentence ? [] : [task], {
      step,
      slots,
      firstSlot,
      taskId,
    })
    yield assembleStep({ ...source, seed: evaluationSeed }, plan, limits)
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
