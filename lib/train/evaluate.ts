import type { StepBatch } from '../data/batch.ts'
import { evaluationSteps } from '../data/measure.ts'
import { uploadBatch, uploadTargets } from '../nn/batch.ts'
import type { MultiTaskModel } from '../nn/multi-task-model.ts'
import type { Device } from '../tensor/device.ts'
import type { RunSetup } from './setup.ts'
import { type Unigram, unigramOf } from './unigram.ts'

/** How well one task is done on held-out text. */
export interface Evaluation {
  /** Stage after which it was measured, from 1. */
  stage: number
  task: string
  /** The held-out corpus. */
  corpus: string
  sequences: number
  /** Labels judged. */
  labels: number
  /** Mean of -log p of the labels. */
  loss: number
  accuracy: number
  /** Of an accuracy that is only the baseline's. */
  standardError: number
  /** `unigram`: the training text's distribution of single tokens; `chance`: all classes alike. */
  baseline: { name: 'unigram' | 'chance'; loss: number; accuracy: number }
}

/**
 * Judges every task that the model has a head for on held-out text: the same inputs each time, nothing dropped. Null when
 * `stop` said so before it was done.
 */
export type Evaluate = (stage: number, stop: () => boolean) => Promise<Evaluation[] | null>

export function createEvaluate(device: Device, model: MultiTaskModel, setup: RunSetup): Evaluate {
  const { plan, kinds, heldOut } = setup
  const { tokens, sequences, masked } = plan.microBatch
  const sentenceTasks = Object.keys(kinds).filter((task) => kinds[task] === 'sentence')
  const baselineOf = createBaselines(setup)
  return async (stage, stop) => {
    const evaluations: Evaluation[] = []
    for (const [corpus, tasks] of Object.entries(heldOut.tasks)) {
      for (const task of tasks.filter((name) => model.heads.has(name))) {
        const steps = evaluationSteps(heldOut.source, task, {
          corpus,
          count: plan.evaluate.sequences,
          limits: { tokens, sequences, maskedRows: masked },
          taskId: sentenceTasks.indexOf(task) + 1,
        })
        const seen: number[] = []
        const judged = await judge(device, model, collectLabels(steps, seen), stop)
        if (!judged) return null
        const baseline = await baselineOf(task, seen)
        const { accuracy } = baseline
        evaluations.push({
          stage,
          task,
          corpus,
          sequences: plan.evaluate.sequences,
          ...judged,
          standardError: Math.sqrt((accuracy * (1 - accuracy)) / judged.labels),
          baseline,
        })
      }
    }
    return evaluations
  }
}

function* collectLabels(steps: Iterable<StepBatch>, seen: number[]): Generator<StepBatch> {
  for (const step of steps) {
    for (const { targets } of step.microBatches) {
      for (const { labels, valid } of targets) seen.push(...labels.subarray(0, valid))
    }
    yield step
  }
}

async function judge(
  device: Device,
  model: MultiTaskModel,
  steps: Iterable<StepBatch>,
  stop: () => boolean,
): Promise<{ labels: number; loss: number; accuracy: number } | null> {
  const [one, statistics] = device.unscoped(() => [
    device.full([1], 1, 'float32'),
    device.zeros([3], 'float32'),
  ])
  try {
    for (const { microBatches } of steps) {
      for (const batch of microBatches) {
        if (stop()) return null
        {
          using _scope = device.scope()
          const targets = batch.targets.map((target) => uploadTargets(device, target, one, statistics))
          model.forward(uploadBatch(device, batch), targets)
        }
        await device.ready()
      }
    }
    const [loss, correct, labels] = await statistics.read()
    return { labels, loss: loss / labels, accuracy: correct / labels }
  } finally {
    one.dispose()
    statistics.dispose()
  }
}

/** What a task's figures are held against; `labels` are those that were judged. */
function createBaselines({ source, plan }: RunSetup) {
  let unigram: Unigram | undefined
  return async (name: string, labels: number[]): Promise<Evaluation['baseline']> => {
    const task = source.tasks[name]
    const classNames =
      task.kind === 'sentence' ? task.classNames : 'classNames' in task.head && task.head.classNames
    if (classNames) {
      return { name: 'chance', loss: Math.log(classNames.length), accuracy: 1 / classNames.length }
    }
    const corpora = Object.entries(source.corpora).filter(([corpus]) => {
      const { tasks } = plan.corpora[corpus]
      return !tasks || tasks.includes(name)
    })
    const texts = corpora.map(([, corpus]) => corpus)
    unigram ??= await unigramOf(texts, texts[0].vocabulary.size)
    const { surprisal, mode } = unigram
    return {
      name: 'unigram',
      loss: labels.reduce((sum, label) => sum + surprisal[label], 0) / labels.length,
      accuracy: labels.filter((label) => label === mode).length / labels.length,
    }
  }
}
