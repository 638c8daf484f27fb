import { type Format, formatValue } from './format.ts'

/** A chart over the steps of runs, before it is drawn: the page's client draws it with uPlot. */
export interface Chart {
  /** Unique on a page, fit for an id. */
  id: string
  title: string
  format: Format
  /** Values spread over powers of ten. */
  logarithmic?: boolean
  series: ChartSeries[]
}

export interface ChartSeries {
  /** Index among the runs of the page: it decides the colour. */
  run: number
  name: string
  /** `line`: as logged, drawn with a smoothed line over it; `steps`: as it is; `points`: joined marks; `level`: a dashed line. */
  look: 'line' | 'steps' | 'points' | 'level'
  /** Steps, ascending. */
  x: number[]
  y: (number | null)[]
}

/** What a chart shows, in words: each line's first, last, lowest and highest value. */
export function describeChart({ series, format }: Chart): string {
  const told = series.map(({ name, look, x, y }) => {
    const known = y.flatMap((value, index) => (value === null ? [] : [{ value, step: x[index] }]))
    if (known.length === 0) return `${name}: nothing yet.`
    const [first, last] = [known[0], known[known.length - 1]]
    if (look === 'level') return `${name}: ${formatValue(first.value, format)}.`
    const at = ({ value, step }: { value: number; step: number }) =>
      `${formatValue(value, format)} at step ${formatValue(step, 'count')}`
    if (known.length === 1) return `${name}: ${at(first)}.`
    const lowest = known.reduce((a, b) => (b.value < a.value ? b : a))
    const highest = known.reduce((a, b) => (b.value > a.value ? b : a))
    return `${name}: from ${at(first)} to ${at(last)}; lowest ${at(lowest)}, highest ${at(highest)}.`
  })
  return told.join(' ')
}

/** Steps and values for a table: at most `rows` steps evenly over the chart, each line's last value up to them. */
export function tableOf({ series }: Chart, rows = 12): { step: number; values: (number | null)[] }[] {
  const shown = series.filter(({ look }) => look !== 'level')
  const marks = shown.filter(({ look }) => look === 'points').flatMap(({ x }) => x)
  const lines = [...new Set(shown.flatMap(({ x }) => x))].sort((a, b) => a - b)
  const every = Math.max(1, Math.ceil(lines.length / rows))
  const steps = [
    ...new Set([...lines.filter((_, i) => i % every === every - 1), ...marks, ...lines.slice(-1)]),
  ]
  return steps
    .sort((a, b) => a - b)
    .map((step) => ({
      step,
      values: series.map(({ look, x, y }) => {
        if (look === 'level') return y[0]
        const index = look === 'points' ? x.indexOf(step) : x.findLastIndex((each) => each <= step)
        return index < 0 || (look !== 'points' && step > x[x.length - 1]) ? null : y[index]
      }),
    }))
}
