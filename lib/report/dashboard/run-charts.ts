import type { CurvePoint } from '../run/curve.ts'
import type { EvaluationPoint, RunReport } from '../run/run-report.ts'
import type { Chart, ChartSeries } from './chart.ts'
import type { Format } from './format.ts'

/** The charts of one task. */
export interface TaskCharts {
  task: string
  charts: Chart[]
}

/** Loss, accuracy and held-out figures of every task of the runs, a line for each run. */
export function chartsOfTasks(runs: readonly RunReport[]): TaskCharts[] {
  const tasks = [...new Set(runs.flatMap((run) => run.tasks))]
  return tasks.map((task, index) => ({
    task,
    charts: [
      lossChart(runs, task, index),
      accuracyChart(runs, task, index),
      ...heldOutCharts(runs, task, index),
    ],
  }))
}

function lossChart(runs: readonly RunReport[], task: string, index: number): Chart {
  const training = runs.map((run, number) =>
    line(run, number, named(runs, run, 'training'), ({ tasks }) => {
      const sums = tasks[task]
      return sums && sums.lossLabels > 0 ? sums.loss / sums.lossLabels : null
    }),
  )
  const heldOut = runs.flatMap((run, number) =>
    rowsOf(run, task).map((row) =>
      marks(run, number, `${named(runs, run, 'held-out')}${onCorpus(row, task)}`, row, 'loss'),
    ),
  )
  return { id: `loss-${index}`, title: 'Loss', format: 'number', series: filled([...training, ...heldOut]) }
}

function accuracyChart(runs: readonly RunReport[], task: string, index: number): Chart {
  const series = runs.map((run, number) =>
    line(run, number, named(runs, run, 'training'), ({ tasks }) => {
      const sums = tasks[task]
      return sums && sums.labels > 0 ? sums.correct / sums.labels : null
    }),
  )
  return { id: `accuracy-${index}`, title: 'Accuracy in training', format: 'share', series: filled(series) }
}

/** None where nothing was held out for the task. */
function heldOutCharts(runs: readonly RunReport[], task: string, index: number): Chart[] {
  const all = runs.flatMap((run) => run.evaluations.filter((each) => each.task === task))
  if (all.length === 0) return []
  const [{ figure }] = all
  const reached = runs.flatMap((run, number) =>
    rowsOf(run, task).map((row) =>
      marks(run, number, `${named(runs, run, 'held-out')}${onCorpus(row, task)}`, row, 'value'),
    ),
  )
  const levels = runs.flatMap((run, number): ChartSeries[] => {
    const [first] = run.evaluations.filter((each) => each.task === task)
    const known = first?.baseline.value ?? null
    if (known === null || run.step === 0) return []
    return [
      {
        run: number,
        name: named(runs, run, 'without learning'),
        look: 'level',
        x: [0, run.step],
        y: [known, known],
      },
    ]
  })
  const [same] = levels
  const shared = same && levels.every(({ y }) => y[0] === same.y[0])
  const baseline = shared
    ? [{ ...same, run: -1, name: 'without learning', x: [0, Math.max(...levels.map(({ x }) => x[1]))] }]
    : levels
  return [
    {
      id: `held-out-${index}`,
      title: `Held-out ${figure}`,
      format: formatOfFigure(figure),
      series: filled([...reached, ...baseline]),
    },
  ]
}

/** The machine and the optimiser. */
export function chartsOfMachine(runs: readonly RunReport[]): Chart[] {
  const chart = (
    id: string,
    title: string,
    format: Format,
    value: (point: CurvePoint) => number | null,
    more: Pick<Chart, 'logarithmic'> & { look?: ChartSeries['look'] } = {},
  ): Chart => {
    const { look = 'line', ...rest } = more
    const series = runs.map((run, number) => ({ ...line(run, number, nameOf(runs, run), value), look }))
    return { id, title, format, ...rest, series: filled(series) }
  }
  const charts = [
    chart('throughput', 'Tokens per second', 'count', ({ tokens, seconds }) => ratio(tokens, seconds)),
    chart('peak', 'Share of the GEMM peak', 'share', ({ peakSeconds, seconds }) =>
      ratio(peakSeconds, seconds),
    ),
    chart('memory', 'Memory of the process', 'bytes', ({ resident }) => resident, { look: 'steps' }),
    chart('tensors', 'Memory of tensors', 'bytes', ({ live }) => live, { look: 'steps' }),
    chart('gradient', 'Gradient norm (largest)', 'number', ({ gradientNorm }) => gradientNorm, {
      logarithmic: true,
    }),
    chart('rate', 'Learning rate', 'small', ({ learningRate }) => learningRate, { look: 'steps' }),
    chart('skipped', 'Skipped steps so far', 'count', ({ skippedSteps }) => skippedSteps, { look: 'steps' }),
  ]
  const scaled = runs.some(({ points }) =>
    points.some(({ lossScale }) => lossScale !== null && lossScale !== 1),
  )
  const scale = chart('scale', 'Loss scale', 'count', ({ lossScale }) => lossScale, { look: 'steps' })
  return scaled ? [...charts, scale] : charts
}

/** Steps at which stages end, of each run. */
export const boundariesOf = ({ stages, step }: RunReport): { step: number; stage: number }[] =>
  stages.flatMap(({ stage, end, state }) =>
    end !== null && (state === 'done' || end <= step) ? [{ step: end, stage }] : [],
  )

export const formatOfFigure = (figure: string): Format => (figure === '−loss' ? 'number' : 'share')

/** A run's name where there are others beside it. */
const nameOf = (runs: readonly RunReport[], { name, settings }: RunReport): string =>
  runs.length === 1 && name === '.' ? settings.title : name

const named = (runs: readonly RunReport[], run: RunReport, what: string): string =>
  runs.length === 1 ? what : `${nameOf(runs, run)}, ${what}`

const onCorpus = (row: string, task: string): string => row.slice(task.length)

const rowsOf = ({ evaluations }: RunReport, task: string): string[] => [
  ...new Set(evaluations.filter((each) => each.task === task).map(({ row }) => row)),
]

function line(
  { points }: RunReport,
  run: number,
  name: string,
  value: (point: CurvePoint) => number | null,
): ChartSeries {
  const known = points.flatMap((point) => {
    const y = value(point)
    return y === null ? [] : [{ x: point.step, y: rounded(y) }]
  })
  return { run, name, look: 'line', x: known.map(({ x }) => x), y: known.map(({ y }) => y) }
}

function marks(
  { evaluations }: RunReport,
  run: number,
  name: string,
  row: string,
  key: keyof Pick<EvaluationPoint, 'loss' | 'value'>,
): ChartSeries {
  const own = evaluations.filter((each) => each.row === row)
  return { run, name, look: 'points', x: own.map(({ step }) => step), y: own.map((each) => each[key]) }
}

const filled = (series: ChartSeries[]): ChartSeries[] => series.filter(({ x }) => x.length > 0)

const ratio = (a: number, b: number): number | null => (b > 0 ? a / b : null)

const rounded = (value: number): number => Number(value.toPrecision(5))
