import { evaluationInputs, evaluationSteps } from '../../data/measure.ts'
import type { SentenceTask, Task } from '../../data/task.ts'
import { accuracy } from '../../metrics/accuracy.ts'
import { confusionOf } from '../../metrics/confusion.ts'
import { classScores } from '../../metrics/f1.ts'
import { macroF1 } from '../../metrics/macro-f1.ts'
import type { MultiTaskModel } from '../../nn/multi-task-model.ts'
import type { Device } from '../../tensor/device.ts'
import type { RunSetup } from '../setup.ts'
import { createBaselines } from './baselines.ts'
import type { Evaluation } from './evaluation.ts'
import { judgeClasses } from './judge-classes.ts'
import { judgeMasking } from './judge-masking.ts'

/**
 * Judges every task that the model has a head for on held-out text: the same inputs each time, nothing dropped. Null when
 * `stop` said so before it was done.
 */
export type Evaluate = (
  place: { stage: number; step: number },
  stop: () => boolean,
) => Promise<Evaluation[] | null>

/** What is found out of one task on one held-out corpus. */
type Figures = Omit<Evaluation, 'stage' | 'step' | 'task' | 'corpus' | 'sequences' | 'standardError'>

/** A task whose labels are few enough to be told apart one by one. */
type ClassTask = Pick<SentenceTask, 'classNames' | 'groups'> & { kind: Task['kind'] }

export function createEvaluate(device: Device, model: MultiTaskModel, setup: RunSetup): Evaluate {
  const { plan, kinds, heldOut } = setup
  const { tokens, sequences, masked } = plan.microBatch
  const { sequences: count } = plan.evaluate
  const sentenceTasks = Object.keys(kinds).filter((task) => kinds[task] === 'sentence')
  const baselines = createBaselines(setup)

  const stepsOf = (task: string, corpus: string) =>
    evaluationSteps(heldOut.source, task, {
      corpus,
      count,
      limits: { tokens, sequences, maskedRows: masked },
      taskId: sentenceTasks.indexOf(task) + 1,
    })

  async function judgeMasked(name: string, corpus: string, stop: () => boolean): Promise<Figures | null> {
    const judged = await judgeMasking(device, model, stepsOf(name, corpus), stop)
    if (!judged) return null
    const { labels } = judged
    return { ...judged, labels: labels.length, baseline: await baselines.unigram(name, labels) }
  }

  async function judgeClassTask(
    name: string,
    corpus: string,
    { kind, classNames, groups = [] }: ClassTask,
    stop: () => boolean,
  ): Promise<Figures | null> {
    const judged = await judgeClasses(device, model, name, stepsOf(name, corpus), groups, stop)
    if (!judged) return null
    const { labels, predictions, loss } = judged
    const confusion = confusionOf(labels, predictions, classNames.length)
    const scores = classScores(confusion)
    return {
      labels: labels.length,
      loss,
      accuracy: accuracy(confusion),
      macroF1: macroF1(confusion),
      classes: classNames.map((className, index) => ({ name: className, ...scores[index] })),
      ...(groups.length > 0 && { groups: judged.groups }),
      baseline:
        kind === 'sentence'
          ? baselines.chance(classNames.length, labels)
          : await baselines.habit(
              name,
              classNames.length,
              evaluationInputs(heldOut.source, name, { corpus, count }),
            ),
    }
  }

  return async (place, stop) => {
    const evaluations: Evaluation[] = []
    for (const [corpus, tasks] of Object.entries(heldOut.tasks)) {
      for (const task of tasks.filter((name) => model.heads.has(name))) {
        const classTask = asClassTask(heldOut.source.tasks[task])
        const figures = classTask
          ? await judgeClassTask(task, corpus, classTask, stop)
          : await judgeMasked(task, corpus, stop)
        if (!figures) return null
        // A corpus may have none for a task that can use it, such as short documents for the relation to their rest.
        if (figures.labels === 0) continue
        const { accuracy } = figures.baseline
        const standardError = Math.sqrt((accuracy * (1 - accuracy)) / figures.labels)
        evaluations.push({ ...place, task, corpus, sequences: count, ...figures, standardError })
      }
    }
    return evaluations
  }
}

function asClassTask(task: Task): ClassTask | null {
  if (task.kind === 'sentence') return task
  return task.head.kind === 'token-classification'
    ? { kind: 'token', classNames: task.head.classNames }
    : null
}
