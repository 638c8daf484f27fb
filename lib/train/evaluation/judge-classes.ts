import type { StepBatch } from '../../data/batch.ts'
import type { MultiTaskModel } from '../../nn/multi-task-model.ts'
import type { Device } from '../../tensor/device.ts'
import type { GroupFigures } from './evaluation.ts'
import { readLogits } from './read-logits.ts'

/** What a model says of labels that are classes. */
export interface JudgedClasses {
  labels: number[]
  /** The likeliest class where each label is. */
  predictions: number[]
  /** Mean of -log p of the labels. */
  loss: number
  groups: GroupFigures[]
}

/**
 * Judges a task with few classes by its logits, which are read back. Null when `stop` said so before it was done.
 *
 * @param task whose head the model has; `steps` have its labels only
 * @param groups of classes that are judged among themselves, see SentenceTask
 */
export async function judgeClasses(
  device: Device,
  model: MultiTaskModel,
  task: string,
  steps: Iterable<Pick<StepBatch, 'microBatches'>>,
  groups: { name: string; classes: number[] }[],
  stop: () => boolean,
): Promise<JudgedClasses | null> {
  const classes = Array.from({ length: model.head(task).classes }, (_, index) => index)
  const labels: number[] = []
  const predictions: number[] = []
  const inGroups = groups.map(() => ({ labels: 0, right: 0 }))
  let loss = 0
  for (const { microBatches } of steps) {
    for (const batch of microBatches) {
      if (stop()) return null
      const [target] = batch.targets
      const { logits, width } = await readLogits(device, model, task, batch, target.index)
      for (let i = 0; i < target.valid; i++) {
        const label = target.labels[i]
        const row = logits.subarray(i * width, i * width + classes.length)
        labels.push(label)
        predictions.push(likeliest(row, classes))
        loss += surprisal(row, label)
        for (const [index, group] of groups.entries()) {
          if (!group.classes.includes(label)) continue
          inGroups[index].labels++
          if (likeliest(row, group.classes) === label) inGroups[index].right++
        }
      }
    }
  }
  return {
    labels,
    predictions,
    loss: loss / labels.length,
    groups: groups
      .map(({ name, classes }, index) => ({
        name,
        labels: inGroups[index].labels,
        accuracy: inGroups[index].right / inGroups[index].labels,
        chance: 1 / classes.length,
      }))
      .filter((group) => group.labels > 0),
  }
}

/** The class with the largest logit, the first of several. */
function likeliest(row: Float32Array, classes: number[]): number {
  let best = classes[0]
  for (const index of classes) if (row[index] > row[best]) best = index
  return best
}

/** -log softmax(row)[label] */
function surprisal(row: Float32Array, label: number): number {
  const largest = row.reduce((a, b) => Math.max(a, b))
  const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0)
  return largest + Math.log(sum) - row[label]
}
