/** One task's metric at the end of one stage; the higher the better. */
export interface StageMetric {
  task: string
  /** From 1. */
  stage: number
  value: number
}

/** The metric of every task at the end of every stage: what was learned, and what was forgotten again. */
export interface ForgettingMatrix {
  /** In the order in which they are first measured. */
  tasks: string[]
  /** Numbers of the stages, ascending. */
  stages: number[]
  /** [tasks][stages]; null where a task was not measured, as before its own first stage. */
  values: (number | null)[][]
}

/** How later stages changed what was learned before them. */
export interface BackwardTransfer {
  /** Mean over the tasks that have one, null where none has. */
  mean: number | null
  /**
   * Of each task: its metric after the last stage minus that right after its own first stage. Negative: forgotten. Null
   * of tasks that came in the last stage, and of those not measured after it.
   */
  tasks: Record<string, number | null>
}

/** Puts metrics into a matrix. Of two for the same task and stage, the later one counts. */
export function forgettingMatrix(metrics: Iterable<StageMetric>): ForgettingMatrix {
  const rows = new Map<string, Map<number, number>>()
  const stages = new Set<number>()
  for (const { task, stage, value } of metrics) {
    const row = rows.get(task) ?? new Map<number, number>()
    rows.set(task, row.set(stage, value))
    stages.add(stage)
  }
  const columns = [...stages].sort((a, b) => a - b)
  return {
    tasks: [...rows.keys()],
    stages: columns,
    values: Array.from(rows.values(), (row) => columns.map((stage) => row.get(stage) ?? null)),
  }
}

/**
 * Backward transfer of Lopez-Paz & Ranzato, "Gradient Episodic Memory for Continual Learning" (2017), section 2:
 * the mean over the tasks before the last stage of R(last stage, task) − R(its own first stage, task).
 */
export function backwardTransfer({ tasks, stages, values }: ForgettingMatrix): BackwardTransfer {
  const last = stages.length - 1
  const transfers = tasks.map((task, index): [string, number | null] => {
    const row = values[index]
    const first = row.findIndex((value) => value !== null)
    const [before, after] = [row[first], row[last]]
    return [task, first < 0 || first === last || before === null || after === null ? null : after - before]
  })
  const known = transfers.flatMap(([, transfer]) => (transfer === null ? [] : [transfer]))
  return {
    mean: known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0) / known.length,
    tasks: Object.fromEntries(transfers),
  }
}
