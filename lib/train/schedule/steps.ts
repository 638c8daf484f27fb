import type { StepPlan } from '../../data/batch.ts'
import { EverlearnError } from '../../error.ts'
import { type CorpusShare, createStageSampler, type StageSampler, type StepTasks } from './sampler.ts'
import type { Stage } from './schedule.ts'

/** A task that gets no more steps from `step` on, in the stage that this step is in or for good. */
export interface Cut {
  step: number
  task: string
  forGood: boolean
}

export interface RunSteps {
  /** Steps of the run. */
  length: number
  /** First step of each stage, then the number of steps. */
  stageStarts: number[]
  /** Steps of each stage as its budgets have it, without cuts. */
  stageLengths: number[]
  /** Plans of step `first` and all that follow; the same whatever the first one is. */
  from(first: number): Generator<StepPlan, void, undefined>
}

/** Key of a mean length in {@link planSteps}: the inputs of a sentence task, or null for token-only steps, from a corpus. */
export const lengthKey = (corpus: string, sentenceTask: string | null): string =>
  `${corpus}/${sentenceTask ?? ''}`

/** Sequences of a step whose inputs have a mean length. */
export const slotsOfStep = (tokensPerStep: number, meanLength: number): number =>
  Math.max(1, Math.round(tokensPerStep / meanLength))

/**
 * Every step of a run: its tasks, its corpus, how many sequences it has and where in the corpus they are.
 *
 * @param options.kinds kind of each task, in the order in which the tasks were added: sentence tasks get the task ids
 * 1, 2, … in this order
 * @param options.tokensPerStep tokens wanted in a step; a step has round(tokensPerStep ÷ mean length) slots
 * @param options.meanLengths by {@link lengthKey}, as meanInputLength measures them
 * @param options.cuts in the order of their steps
 */
export function planSteps(options: {
  stages: Stage[]
  kinds: Record<string, 'sentence' | 'token'>
  corpora: CorpusShare[]
  seed: number
  tokensPerStep: number
  meanLengths: Record<string, number>
  cuts?: Cut[]
}): RunSteps {
  const { kinds, corpora, seed, tokensPerStep, meanLengths, cuts = [] } = options
  const samplers: StageSampler[] = []
  const stageStarts = [0]
  const stageLengths: number[] = []
  options.stages.forEach((budgets, stage) => {
    const drawn = corpora.filter(({ since = 0 }) => since <= stage)
    const sample = (left: Stage, first: number) => createStageSampler(left, kinds, drawn, seed, stage, first)
    const start = stageStarts[stage]
    const whole = sample(budgets, 0)
    const sampler = cutSampler(whole, budgets, start, cuts, sample)
    samplers.push(sampler)
    stageLengths.push(whole.length)
    stageStarts.push(start + sampler.length)
  })
  const sentenceTasks = Object.keys(kinds).filter((task) => kinds[task] === 'sentence')

  const slotsOf = (corpus: string, sentenceTask: string | null): number => {
    const mean = meanLengths[lengthKey(corpus, sentenceTask)]
    if (!(mean > 0)) {
      throw new EverlearnError(
        'LENGTH_UNKNOWN',
        `the mean input length of ${sentenceTask ?? 'token-only steps'} on ${corpus} was not measured`,
      )
    }
    return slotsOfStep(tokensPerStep, mean)
  }

  return {
    length: stageStarts[samplers.length],
    stageStarts,
    stageLengths,
    *from(first) {
      const firstSlots = new Map<string, number>()
      for (let stage = 0; stage < samplers.length; stage++) {
        for (let index = 0; index < samplers[stage].length; index++) {
          const step = stageStarts[stage] + index
          const { corpus, sentenceTask, tokenTasks } = samplers[stage].at(index)
          const slots = slotsOf(corpus, sentenceTask)
          const firstSlot = firstSlots.get(corpus) ?? 0
          firstSlots.set(corpus, firstSlot + slots)
          if (step < first) continue
          const taskId = sentenceTask ? sentenceTasks.indexOf(sentenceTask) + 1 : 0
          const progress = stage + index / stageLengths[stage]
          yield { step, stage, progress, sentenceTask, taskId, tokenTasks, corpus, slots, firstSlot }
        }
      }
    },
  }
}

/** A stage in which tasks drop out: from each cut on, what is left of the other tasks' budgets is sampled anew. */
function cutSampler(
  whole: StageSampler,
  budgets: Stage,
  start: number,
  cuts: Cut[],
  sample: (left: Stage, first: number) => StageSampler,
): StageSampler {
  let length = whole.length
  /** Parts of the stage, the last one first. */
  const parts = [{ first: 0, sampler: whole }]
  const at = (index: number): StepTasks => {
    const { first, sampler } = parts.find((part) => index >= part.first)!
    return sampler.at(index - first)
  }
  const left: Stage = { ...budgets }
  let counted = 0
  for (const { step, task, forGood } of cuts) {
    const index = Math.max(0, step - start)
    if (index >= length || (step < start && !forGood) || !left[task]) continue
    for (; counted < index; counted++) {
      const { sentenceTask, tokenTasks } = at(counted)
      for (const trained of [sentenceTask, ...tokenTasks]) if (trained !== null) left[trained]--
    }
    left[task] = 0
    const rest = sample(left, index)
    parts.unshift({ first: index, sampler: rest })
    length = index + rest.length
  }
  return { length, at }
}

/** The mean lengths that {@link planSteps} needs: every sentence task and token-only steps on the corpora they can meet. */
export function lengthsNeeded(
  kinds: Record<string, 'sentence' | 'token'>,
  corpora: CorpusShare[],
): { corpus: string; sentenceTask: string | null }[] {
  return corpora.flatMap(({ name, tasks }) => {
    const sentenceTasks = tasks.filter((task) => kinds[task] === 'sentence')
    const tokenOnly = tasks.some((task) => kinds[task] === 'token') ? [null] : []
    return [...tokenOnly, ...sentenceTasks].map((sentenceTask) => ({ corpus: name, sentenceTask }))
  })
}
