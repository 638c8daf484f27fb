/** Work that is still to be done: steps, and how many of them train each task. */
export interface Work {
  steps: number
  tasks: Record<string, number>
}

export interface StepTime {
  /** A step that trained these tasks took so many seconds. */
  observe(tasks: readonly string[], seconds: number): void
  /** Seconds that work will take; NaN before the first step was seen. */
  expect(work: Work): number
}

/** What a step counts when the next one comes: after 300 steps a tenth of what it did. */
const forgetting = 0.1 ** (1 / 300)
/** Steps' worth of belief that a task costs nothing beyond the step it rides on. */
const doubt = 5

/**
 * How long steps take by what they train: seconds = a step's own + those of each of its tasks, fitted by least squares to
 * the steps seen, old ones forgotten little by little. Until steps with and without a task have been seen, steps of all
 * kinds are taken to be alike; so the time left of stages to come follows their own mix of tasks, not the current one's.
 */
export function createStepTime(): StepTime {
  const names: string[] = []
  /** Sums of products of the features (1, then 1 or 0 for each name), and of features × seconds. */
  let products: number[][] = [[0]]
  let targets: number[] = [0]

  const learn = (task: string) => {
    if (names.includes(task)) return
    names.push(task)
    products = [...products.map((row) => [...row, 0]), new Array(names.length + 1).fill(0)]
    targets = [...targets, 0]
  }

  return {
    observe(tasks, seconds) {
      tasks.forEach(learn)
      const features = [1, ...names.map((name) => (tasks.includes(name) ? 1 : 0))]
      products = products.map((row, i) => row.map((sum, j) => forgetting * sum + features[i] * features[j]))
      targets = targets.map((sum, i) => forgetting * sum + features[i] * seconds)
    },
    expect({ steps, tasks }) {
      if (products[0][0] === 0) return Number.NaN
      const believed = products.map((row, i) => row.map((sum, j) => (i === j && i > 0 ? sum + doubt : sum)))
      const [own, ...costs] = solve(believed, targets)
      const ofTasks = names.reduce((sum, name, index) => sum + costs[index] * (tasks[name] ?? 0), 0)
      return Math.max(0, own * steps + ofTasks)
    },
  }
}

/** Solves a system with a positive definite matrix by Gaussian elimination. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]])
  for (let pivot = 0; pivot < rows.length; pivot++) {
    for (let i = pivot + 1; i < rows.length; i++) {
      const factor = rows[i][pivot] / rows[pivot][pivot]
      for (let j = pivot; j < rows[i].length; j++) rows[i][j] -= factor * rows[pivot][j]
    }
  }
  const solution: number[] = new Array(rows.length).fill(0)
  for (let i = rows.length - 1; i >= 0; i--) {
    const known = solution.reduce((sum, value, j) => (j > i ? sum + rows[i][j] * value : sum), 0)
    solution[i] = (rows[i][rows.length] - known) / rows[i][i]
  }
  return solution
}
