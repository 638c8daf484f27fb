/** What a line of type `steps` says, or several of them together. */
export interface CurvePoint {
  /** Lines of the log it stands for. */
  lines: number
  stage: number
  /** Last step. */
  step: number
  steps: number
  tokens: number
  seconds: number
  /** Floating-point operations per second relative to the device's peak, times seconds. */
  peakSeconds: number
  /** Largest. */
  gradientNorm: number | null
  learningRate: number | null
  lossScale: number | null
  skippedSteps: number
  /** Largest, in bytes: of tensors, and of the process. */
  live: number | null
  resident: number | null
  tasks: Record<string, TaskSums>
}

export interface TaskSums {
  /** Sum over the labels whose loss is a number. */
  loss: number
  lossLabels: number
  correct: number
  labels: number
  iterations: number
}

/** The course of a run in a bounded number of points. */
export interface Curve {
  /** Ascending steps. */
  readonly points: readonly CurvePoint[]
  add(point: CurvePoint): void
  /** Forgets what came after a step. */
  trim(step: number): void
}

/**
 * A curve of at most `limit` points, however many are added: when it is full, neighbours within a stage are put
 * together two by two, sums added and means weighted by their labels, so nothing is left out. All points then stand for
 * the same number of lines, but for the last ones of stages.
 */
export function createCurve(limit = 1024): Curve {
  let points: CurvePoint[] = []
  let linesPerPoint = 1
  return {
    get points() {
      return points
    },
    add(point) {
      const last = points.at(-1)
      if (last && last.stage === point.stage && last.lines + point.lines <= linesPerPoint) {
        points[points.length - 1] = joined(last, point)
        return
      }
      points.push(point)
      while (points.length > limit) {
        linesPerPoint *= 2
        const halved = halve(points, linesPerPoint)
        // More stages than points: nothing more can be joined.
        if (halved.length === points.length && linesPerPoint > 2 ** 40) break
        points = halved
      }
    },
    trim(step) {
      points = points.filter((point) => point.step <= step)
    },
  }
}

function halve(points: CurvePoint[], linesPerPoint: number): CurvePoint[] {
  const halved: CurvePoint[] = []
  for (const point of points) {
    const last = halved.at(-1)
    if (last && last.stage === point.stage && last.lines + point.lines <= linesPerPoint)
      halved[halved.length - 1] = joined(last, point)
    else halved.push(point)
  }
  return halved
}

function joined(a: CurvePoint, b: CurvePoint): CurvePoint {
  const tasks = { ...a.tasks }
  for (const [name, sums] of Object.entries(b.tasks))
    tasks[name] = tasks[name] ? addSums(tasks[name], sums) : sums
  return {
    lines: a.lines + b.lines,
    stage: b.stage,
    step: b.step,
    steps: a.steps + b.steps,
    tokens: a.tokens + b.tokens,
    seconds: a.seconds + b.seconds,
    peakSeconds: a.peakSeconds + b.peakSeconds,
    gradientNorm: largest(a.gradientNorm, b.gradientNorm),
    learningRate: b.learningRate,
    lossScale: b.lossScale,
    skippedSteps: b.skippedSteps,
    live: largest(a.live, b.live),
    resident: largest(a.resident, b.resident),
    tasks,
  }
}

const addSums = (a: TaskSums, b: TaskSums): TaskSums => ({
  loss: a.loss + b.loss,
  lossLabels: a.lossLabels + b.lossLabels,
  correct: a.correct + b.correct,
  labels: a.labels + b.labels,
  iterations: a.iterations + b.iterations,
})

const largest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b)
