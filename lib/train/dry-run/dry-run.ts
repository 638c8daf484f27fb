import { MultiTaskModel } from '../../nn/multi-task-model.ts'
import { type Device, openDevice } from '../../tensor/device.ts'
import { encoderOfPlan, loadFolderOfPlan } from '../encoder-of-plan.ts'
import { headOfTask } from '../head-of-task.ts'
import type { RunPlan } from '../run-plan.ts'
import { lengthKey } from '../schedule/steps.ts'
import { checkLength } from '../session.ts'
import { type CheckpointSize, checkpointSize } from './checkpoint-size.ts'
import { measureTraining, type TrainingMeasures } from './measure-training.ts'
import { type PlannedData, type PlannedText, planData } from './planned-data.ts'
import { prepareCommands } from './prepare-command.ts'

type Model = MultiTaskModel<ReturnType<typeof encoderOfPlan>>

export interface DryRunOptions {
  /** Measured elsewhere, of one GPU: how long the plan takes on `gpus` of them is told too. */
  tokensPerSecond?: number
  gpus?: number
  /** Pieces of the vocabulary, where no corpus is there to tell: 30,522, BERT's, if not given. */
  vocabularySize?: number
}

/** What a plan comes to. Bytes, seconds; counts are of real tokens, specials included. */
export interface DryRun {
  plan: string
  encoder: {
    layers: number
    hiddenSize: number
    parameters: number
    vocabularySize: number
    /** No corpus is there to tell. */
    vocabularyIsAssumed: boolean
  }
  precision: string
  tokensPerStep: number
  stages: PlannedStage[]
  /** Tasks that may converge before their iterations are done: everything counts as if they did not. */
  converging: string[]
  steps: number
  tokens: number
  tasks: Record<string, Share>
  corpora: (PlannedText & Share & { epochs: number | null })[]
  heldOut: PlannedText[]
  /** Commands that make the corpora that are missing. */
  prepare: string[]
  memory: PlannedMemory
  checkpoint: CheckpointSize & { total: number; mostAtOnce: number }
  time: {
    /** Null where training does not fit into this machine's memory. */
    here:
      | (Pick<TrainingMeasures, 'tokens' | 'steps' | 'tokensPerSecond' | 'optimizerSeconds'> & {
          seconds: number
        })
      | null
    there: { tokensPerSecond: number; gpus: number; seconds: number } | null
  }
}

export interface PlannedStage {
  steps: number
  budgets: Record<string, number>
  tokens: number
}

/** Steps that train a task, or are drawn from a corpus, and the tokens of their inputs. */
export interface Share {
  steps: number
  tokens: number
}

export interface PlannedMemory {
  parameters: number
  gradients: number
  moments: number
  average: number
  /** Of one full micro-batch; null where it could not be measured. */
  activations: number | null
  /** Of weights, as products of matrices want them; null where they could not be measured. */
  weightCopies: number | null
  total: number
  /** What this machine has available. */
  available: number
}

/**
 * Tells what a plan comes to without training it: stages, budgets, tokens, memory, size of checkpoints, time. Writes nothing.
 * Corpora may be missing: of their inputs nothing is known but that they fill steps of `tokensPerStep`.
 *
 * @throws EverlearnError what is wrong with the plan, its tasks, and the corpora that are there
 */
export async function dryRun(plan: RunPlan, options: DryRunOptions = {}): Promise<DryRun> {
  const data = await planData(plan)
  const counts = countSteps(plan, data)
  const device = await openDevice()
  try {
    const { fastBfloat16 } = device.info()
    const precision = plan.precision ?? (fastBfloat16 ? 'bfloat16' : 'float32')
    const full = { ...plan, precision } as const
    const vocabularySize = data.vocabularySize ?? options.vocabularySize ?? 30_522
    const model = modelOf(device, full, data, vocabularySize)
    checkLength(plan.maxLength, model.encoder.config.positions)
    const arenas = model.arenas()
    // Padding included.
    const parameters = arenas.reduce((sum, { size }) => sum + size, 0)
    const available = process.availableMemory()
    const state = { parameters: 4 * parameters, gradients: 4 * parameters, moments: 8 * parameters }
    const average = plan.ema === undefined ? 0 : 4 * parameters
    const held = state.parameters + state.gradients + state.moments
    const measured = 1.5 * held < available ? await measureTraining(model, full, inputLength(data)) : null
    const activations = measured && measured.activationsPerToken * plan.microBatch.tokens
    const weightCopies = measured?.weightCopies ?? null
    const size = checkpointSize(model, { average: average > 0 })
    const total = size.model + size.optimizer + size.average
    const { layers, hiddenSize } = model.encoder.config
    const { tokensPerSecond, gpus = 1 } = options
    const counted = arenas
      .flatMap(({ segments }) => segments)
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    model.dispose()
    return {
      plan: plan.name,
      encoder: {
        layers,
        hiddenSize,
        parameters: counted,
        vocabularySize: model.encoder.config.vocabularySize,
        vocabularyIsAssumed: data.vocabularySize === null && plan.encoder.from === undefined,
      },
      precision,
      tokensPerStep: plan.tokensPerStep,
      ...counts,
      converging: Object.keys(data.stages.patience),
      heldOut: data.heldOut,
      prepare: prepareCommands(plan, data),
      memory: {
        ...state,
        average,
        activations,
        weightCopies,
        total: held + average + (activations ?? 0) + (weightCopies ?? 0),
        available,
      },
      // A new one is written before an old one is removed; the best one stays besides.
      checkpoint: {
        ...size,
        total,
        mostAtOnce: total * (plan.checkpoint.keep + 1 + (plan.checkpoint.best ? 1 : 0)),
      },
      time: {
        here: measured && {
          tokens: measured.tokens,
          steps: measured.steps,
          tokensPerSecond: measured.tokensPerSecond,
          optimizerSeconds: measured.optimizerSeconds,
          seconds: counts.tokens / measured.tokensPerSecond + counts.steps * measured.optimizerSeconds,
        },
        there:
          tokensPerSecond === undefined
            ? null
            : { tokensPerSecond, gpus, seconds: counts.tokens / (tokensPerSecond * gpus) },
      },
    }
  } finally {
    device.close()
  }
}

/** Counts every step of the run, as training draws them. */
function countSteps(
  plan: RunPlan,
  { stages, steps, corpora, tasks, meanLengths }: PlannedData,
): Pick<DryRun, 'stages' | 'steps' | 'tokens' | 'tasks' | 'corpora'> {
  const none = (): Share => ({ steps: 0, tokens: 0 })
  const ofTasks = Object.fromEntries(Object.keys(tasks).map((name) => [name, none()]))
  const ofCorpora = Object.fromEntries(corpora.map(({ name }) => [name, none()]))
  const ofStages = stages.table.map((budgets, stage) => ({
    steps: steps.stageStarts[stage + 1] - steps.stageStarts[stage],
    budgets,
    tokens: 0,
  }))
  let tokens = 0
  for (const { stage, corpus, sentenceTask, tokenTasks, slots } of steps.from(0)) {
    const isThere = corpora.find(({ name }) => name === corpus)?.corpus !== null
    const ofStep = isThere ? slots * meanLengths[lengthKey(corpus, sentenceTask)] : plan.tokensPerStep
    tokens += ofStep
    ofStages[stage].tokens += ofStep
    const trained = sentenceTask === null ? tokenTasks : [sentenceTask, ...tokenTasks]
    for (const share of [ofCorpora[corpus], ...trained.map((task) => ofTasks[task])]) {
      share.steps++
      share.tokens += ofStep
    }
  }
  return {
    stages: ofStages,
    steps: steps.length,
    tokens,
    tasks: ofTasks,
    corpora: corpora.map((text) => {
      const share = ofCorpora[text.name]
      return { ...text, ...share, epochs: text.corpus && share.tokens / text.corpus.tokenCount }
    }),
  }
}

/** The model at the end of the run, every task's head added. */
function modelOf(device: Device, plan: RunPlan, { tasks }: PlannedData, vocabularySize: number): Model {
  const { from } = plan.encoder
  const added = Object.values(tasks)
  const model: Model =
    from === undefined
      ? new MultiTaskModel(encoderOfPlan(device, plan, vocabularySize), { seed: plan.seed })
      : loadFolderOfPlan(device, plan, from, added).model
  for (const task of added) {
    if (!model.heads.has(task.name)) model.addHead(task.name, headOfTask(task))
  }
  return model
}

/** Tokens of an input on average. */
function inputLength({ meanLengths }: PlannedData): number {
  const lengths = Object.values(meanLengths)
  return Math.max(1, Math.round(lengths.reduce((sum, length) => sum + length, 0) / lengths.length))
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1)
