import type { DrawnInput } from '../../data/draw.ts'
import type { DataSource } from '../../data/source.ts'
import type { TokenTask } from '../../data/task.ts'
import type { TaskBalance } from './inspection.ts'
import { type Drawing, describeTask, drawInputs } from './task-samples.ts'

/** What becomes of a token that a masking task drew. */
export const fates = ['[MASK]', 'another token', 'left as it is']

/** Draws inputs for one task alone and counts its labels; a task that refuses the corpus says why. */
export function balanceOf(
  source: DataSource,
  { task: taskName, ...drawing }: Omit<Drawing, 'tasks'> & { task: string },
): TaskBalance {
  const task = source.tasks[taskName]
  const corpus = source.corpora[drawing.corpus]
  const { predicts, classNames } = describeTask(task)
  const balance: TaskBalance = {
    task: taskName,
    predicts,
    inputs: 0,
    meanLength: 0,
    labels: 0,
    labelledShare: 0,
    classes: (predicts === 'tokens' ? fates : classNames).map((name) => ({ name, count: 0 })),
  }
  const { corpora = ['text'] } = task
  if (!corpora.includes(corpus.kind)) {
    return {
      ...balance,
      refused: `meant for corpora of ${corpora.join(', ')}; this is one of ${corpus.kind}`,
    }
  }
  let tokens = 0
  let words = 0
  try {
    task.check?.(corpus)
    for (const drawn of drawInputs(source, { ...drawing, tasks: [taskName] })) {
      balance.inputs++
      tokens += drawn.ids.length
      words += drawn.input.words.reduce((sum, word) => sum + Number(word >= 0), 0)
      const found =
        task.kind === 'sentence'
          ? [drawn.input.label as number]
          : classesOf(task, drawn, corpus.vocabulary.mask)
      for (const label of found) balance.classes[label].count++
      balance.labels += found.length
    }
  } catch (error) {
    if (!(error instanceof Error && error.name === 'EverlearnError')) throw error
    return { ...balance, refused: error.message.replace(/\s+/g, ' ') }
  }
  balance.meanLength = tokens / balance.inputs
  if (task.kind === 'token') balance.labelledShare = balance.labels / words
  return balance
}

function classesOf(
  task: TokenTask,
  { input, annotations: [annotation] }: DrawnInput,
  mask: number,
): Int32Array | number[] {
  if (task.head.kind !== 'masked-language-model') return annotation.labels
  const { positions, ids } = annotation
  return positions.map((position, i) => {
    const id = ids?.[i] ?? input.ids[position]
    return id === mask ? 0 : id === input.ids[position] ? 2 : 1
  })
}
