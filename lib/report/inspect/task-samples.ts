import type { StepPlan } from '../../data/batch.ts'
import { type DrawnInput, drawSlot } from '../../data/draw.ts'
import type { DataSource } from '../../data/source.ts'
import type { Task, TokenTask } from '../../data/task.ts'
import type { InspectedTask, TaskSamples } from './inspection.ts'
import { sampleOf } from './sample-segments.ts'

/** What to draw: inputs of a step on which these tasks meet. */
export interface Drawing {
  /** Name of a corpus of the source. */
  corpus: string
  /** Names of tasks of the source, at most one of them a sentence task. */
  tasks: readonly string[]
  count: number
  /** As {@link StepPlan.progress}. */
  progress: number
}

/** Draws the inputs that the first step of training with these tasks has, as `drawSlot` does for the trainer. */
export function* drawInputs(
  source: DataSource,
  { corpus, tasks, count, progress }: Drawing,
): Generator<DrawnInput> {
  const sentenceTask = tasks.find((name) => source.tasks[name].kind === 'sentence') ?? null
  const plan: StepPlan = {
    step: 0,
    stage: 0,
    sentenceTask,
    taskId: 0,
    tokenTasks: tasks.filter((name) => name !== sentenceTask),
    corpus,
    slots: count,
    progress,
    firstSlot: 0,
  }
  for (let slot = 0; slot < count; slot++) yield drawSlot(source, plan, slot)
}

/** Samples of the tasks. @param options of each task, for the record */
export function samplesOf(
  source: DataSource,
  drawing: Drawing,
  options: Record<string, Record<string, unknown>> = {},
): TaskSamples {
  const tasks = drawing.tasks.map((name) => source.tasks[name])
  const tokenTasks = tasks.filter((task): task is TokenTask => task.kind === 'token')
  return {
    tasks: tasks.map((task) => ({ ...describeTask(task), options: options[task.name] ?? {} })),
    samples: Array.from(drawInputs(source, drawing), (drawn) =>
      sampleOf(source.corpora[drawing.corpus], drawn, tokenTasks),
    ),
  }
}

export function describeTask(task: Task): Pick<InspectedTask, 'name' | 'predicts' | 'classNames'> {
  const { name } = task
  if (task.kind === 'sentence') return { name, predicts: 'class', classNames: task.classNames }
  if (task.head.kind === 'masked-language-model') return { name, predicts: 'tokens', classNames: [] }
  return { name, predicts: 'labels', classNames: task.head.classNames }
}
