import type { Evaluation } from '../../train/evaluation/evaluation.ts'
import { headlineFigure, rowName } from '../../train/evaluation/headline-figure.ts'
import type { Stage } from '../../train/schedule/schedule.ts'
import { type Curve, type CurvePoint, createCurve } from './curve.ts'
import type { EvaluationPoint, StageReport } from './run-report.ts'

/** What the lines of a log have said so far. */
export interface LogRecord {
  take(line: Line): void
  restart(): void
  readonly curve: Curve
  readonly step: number
  readonly steps: number | null
  readonly ended: 'finished' | 'stopped' | null
  /** Time of the last line. */
  readonly updated: string | null
  /** @param planned budgets of the stages as the plan has them, which count until the log says them */
  stages(planned: Stage[] | null): StageReport[]
  /** @param kept those of RUN/evaluation.json, which count where the log has none */
  evaluations(kept: Evaluation[]): EvaluationPoint[]
}

type Line = Record<string, unknown>
type Judged = Evaluation & { ends: boolean }

export function createLogRecord(): LogRecord {
  let curve = createCurve()
  let begun: { stage: number; start: number; end: number; budgets: Stage }[] = []
  let judged: Judged[] = []
  let step = 0
  let steps: number | null = null
  let ended: LogRecord['ended'] = null
  let updated: string | null = null
  /** Budgets of all stages, as the log has them since it has begun. */
  let table: Stage[] | null = null

  /** What a killed process logged after the step that the run goes on from comes again. */
  const goBack = (to: number) => {
    curve.trim(to)
    judged = judged.filter((each) => each.step <= to)
    step = to
  }

  const takers: Record<string, (line: Line) => void> = {
    start(line) {
      const from = finite(line.step) ?? 0
      if (from < step) goBack(from)
      steps = finite(line.steps)
      ended = null
      table = Array.isArray(line.table) ? line.table.map(numbersOf) : null
    },
    stage(line) {
      const stage = finite(line.stage) ?? begun.length + 1
      begun = begun.filter((each) => each.stage < stage)
      begun.push({
        stage,
        start: finite(line.step) ?? 0,
        end: finite(line.end) ?? 0,
        budgets: numbersOf(line.budgets),
      })
    },
    steps(line) {
      const point = pointOf(line)
      if (point.step > (curve.points.at(-1)?.step ?? 0)) curve.add(point)
    },
    evaluation(line) {
      const at = { step: finite(line.step) ?? step, ends: line.ends !== false }
      if (Array.isArray(line.evaluations))
        judged.push(...line.evaluations.map((each: Evaluation) => ({ ...each, ...at })))
    },
    end(line) {
      ended = line.stopped === true ? 'stopped' : 'finished'
    },
  }

  return {
    take(line) {
      if (typeof line.time === 'string') updated = line.time
      takers[String(line.type)]?.(line)
      step = Math.max(step, finite(line.step) ?? 0)
    },
    restart() {
      curve = createCurve()
      begun = []
      judged = []
      step = 0
      steps = ended = updated = table = null
    },
    get curve() {
      return curve
    },
    get step() {
      return step
    },
    get steps() {
      return steps
    },
    get ended() {
      return ended
    },
    get updated() {
      return updated
    },
    stages(planned) {
      const known = begun.map(({ stage, end, budgets }): StageReport => {
        const next = begun.find((each) => each.stage > stage)
        const last = judged.find((each) => each.ends && each.stage === stage)
        const done = next !== undefined || last !== undefined || ended === 'finished'
        return {
          stage,
          // Where its tasks were done before all that was planned, it ended before.
          end: next?.start ?? last?.step ?? end,
          budgets,
          used: usedIn(curve.points, stage),
          state: done ? 'done' : 'begun',
        }
      })
      const ahead = (table ?? planned ?? []).slice(begun.at(-1)?.stage ?? 0)
      const first = (begun.at(-1)?.stage ?? 0) + 1
      return [
        ...known,
        ...ahead.map(
          (budgets, index): StageReport => ({
            stage: first + index,
            end: null,
            budgets,
            used: {},
            state: 'planned',
          }),
        ),
      ]
    },
    evaluations(kept) {
      const ends = new Map(begun.map(({ stage, end }) => [stage, end]))
      const all =
        judged.length > 0
          ? judged
          : kept.map((each) => ({ ...each, step: each.step ?? ends.get(each.stage) ?? 0, ends: true }))
      return all.map((each) => pointOfEvaluation(each, all))
    },
  }
}

function usedIn(points: readonly CurvePoint[], stage: number): Stage {
  const used: Stage = {}
  for (const point of points) {
    if (point.stage !== stage) continue
    for (const [task, { iterations }] of Object.entries(point.tasks))
      used[task] = (used[task] ?? 0) + iterations
  }
  return used
}

function pointOfEvaluation(evaluation: Judged, all: Judged[]): EvaluationPoint {
  const { step, stage, ends, task, loss, baseline } = evaluation
  // JSON has null for what is no number.
  const figure = headlineFigure({
    ...evaluation,
    loss: loss ?? Number.NaN,
    accuracy: evaluation.accuracy ?? Number.NaN,
  })
  return {
    step,
    stage,
    ends,
    task,
    row: rowName(evaluation, all),
    loss: finite(loss),
    figure: figure.name,
    value: finite(figure.value),
    baseline: { loss: finite(baseline?.loss), value: finite(figure.baseline) },
  }
}

function pointOf(line: Line): CurvePoint {
  const memory = isObject(line.memory) ? line.memory : {}
  const tokens = finite(line.tokens) ?? 0
  const rate = finite(line.tokensPerSecond) ?? 0
  const seconds = rate > 0 ? tokens / rate : 0
  const tasks = Object.entries(isObject(line.tasks) ? line.tasks : {}).map(([name, figures]) => {
    const { loss, accuracy, labels, iterations } = isObject(figures) ? figures : {}
    const count = finite(labels) ?? 0
    const known = finite(loss)
    return [
      name,
      {
        loss: known === null ? 0 : known * count,
        lossLabels: known === null ? 0 : count,
        correct: (finite(accuracy) ?? 0) * count,
        labels: count,
        iterations: finite(iterations) ?? 0,
      },
    ]
  })
  return {
    lines: 1,
    stage: finite(line.stage) ?? 1,
    step: finite(line.step) ?? 0,
    steps: finite(line.steps) ?? 1,
    tokens,
    seconds,
    peakSeconds: (finite(line.shareOfPeak) ?? 0) * seconds,
    gradientNorm: finite(line.gradientNorm),
    learningRate: finite(line.learningRate),
    lossScale: finite(line.lossScale),
    skippedSteps: finite(line.skippedSteps) ?? 0,
    live: finite(memory.live),
    resident: finite(memory.resident),
    tasks: Object.fromEntries(tasks),
  }
}

/** The log has "NaN" and "Infinity" as texts, files of ours null. */
function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

const isObject = (value: unknown): value is Line =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const numbersOf = (value: unknown): Stage =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).filter(
      (entry): entry is [string, number] => finite(entry[1]) !== null,
    ),
  )
