import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** A run's folder written by hand, with a log of four tasks in four stages such as training writes it. */
export interface WrittenRun {
  directory: string
  log: string
  append(...lines: object[]): void
}

const tasks = ['knowledge-masking', 'capitalization', 'token-document', 'sentence-reordering']

/** Budgets of Table 7 for four tasks of 50 iterations. */
const table = [[20], [10, 30], [10, 10, 40], [10, 10, 10, 50]]

export const writtenTasks = tasks
export const writtenBudgets = table.map((row) => Object.fromEntries(row.map((n, i) => [tasks[i], n])))

export function writeRun(directory: string, changes: object = {}): WrittenRun {
  mkdirSync(directory, { recursive: true })
  const plan = {
    name: 'written',
    encoder: { size: 'mini' },
    tasks: tasks.map((task) => ({ task, weight: 1 })),
    method: 'continual-multi-task',
    iterations: 50,
    tokensPerStep: 1024,
    precision: 'float32',
    changes: [],
    ...changes,
  }
  writeFileSync(path.join(directory, 'plan.json'), JSON.stringify(plan))
  const log = path.join(directory, 'log.jsonl')
  writeFileSync(log, '')
  return {
    directory,
    log,
    append: (...lines) => {
      let text = ''
      for (const line of lines) text += `${JSON.stringify(line)}\n`
      appendFileSync(log, text)
    },
  }
}

const time = '2026-01-01T00:00:00.000Z'

export const startLine = (step = 0, steps = 140, stages = 4) => ({
  type: 'start',
  step,
  steps,
  stages,
  peak: 1e9,
  time,
})

export const stageLine = (stage: number, step: number, end: number) => ({
  type: 'stage',
  step,
  stage,
  end,
  budgets: writtenBudgets[stage - 1],
  added: [tasks[stage - 1]],
  time,
})

export const stepsLine = (step: number, stage: number, changes: object = {}) => ({
  type: 'steps',
  step,
  stage,
  steps: 1,
  tasks: { [tasks[0]]: { loss: 6 - step / 100, accuracy: 0.25, labels: 100, iterations: 1 } },
  learningRate: 0.001,
  tokens: 1000,
  tokensPerSecond: 500,
  shareOfPeak: 0.5,
  gradientNorm: 1,
  lossScale: 1,
  skippedSteps: 0,
  memory: { live: 1e6, cached: 2e6, peak: 3e6, resident: 4e8 },
  time,
  ...changes,
})

/** @param accuracies of the tasks, in their order */
export const evaluationLine = (step: number, stage: number, accuracies: number[], changes: object = {}) => ({
  type: 'evaluation',
  step,
  stage,
  ends: true,
  evaluations: accuracies.map((accuracy, index) => ({
    stage,
    step,
    task: tasks[index],
    corpus: 'books',
    sequences: 8,
    labels: 100,
    loss: 2,
    accuracy,
    standardError: 0.01,
    baseline: { name: 'chance', loss: 3, accuracy: 0.125 },
  })),
  converged: [],
  time,
  ...changes,
})

export const endLine = (step: number, stopped = false) => ({
  type: 'end',
  step,
  stopped,
  checkpoint: 'x',
  tokensPerSecond: 1,
  time,
})

/** The lines of a whole run: a step in each stage stands for its budgets. */
export function wholeRun(): object[] {
  const lines: object[] = [startLine()]
  const reached = [[0.5], [0.25, 0.5], [0.375, 0.625, 0.75], [0.375, 0.75, 0.5, 0.875]]
  let step = 0
  for (const [index, budgets] of writtenBudgets.entries()) {
    const length = Math.max(...Object.values(budgets))
    lines.push(stageLine(index + 1, step, step + length))
    const figures = Object.entries(budgets).map(([task, iterations]) => [
      task,
      { loss: 3 - index / 2, accuracy: 0.5, labels: 100 * iterations, iterations },
    ])
    step += length
    lines.push(stepsLine(step, index + 1, { steps: length, tasks: Object.fromEntries(figures) }))
    lines.push(evaluationLine(step, index + 1, reached[index]))
    lines.push({ type: 'checkpoint', step, path: `checkpoints/step-${step}`, time })
  }
  return [...lines, endLine(step)]
}
