import type { Events, TrainerEvents } from './events.ts'
import { headlineF1 } from './headline-f1.ts'
import { type WindowFigures, windowOf } from './step-window.ts'

/** Where progress is written: process.stderr, or anything like it. */
export interface ProgressOutput {
  isTTY?: boolean
  columns?: number
  write(text: string): unknown
}

const refresh = 200
const quietRefresh = 15_000

/**
 * Shows how a run is doing: on a terminal one line that is written over, elsewhere a line now and then.
 *
 * @param now milliseconds
 */
export function showProgress(
  events: Events<TrainerEvents>,
  output: ProgressOutput = process.stderr,
  now = () => performance.now(),
): void {
  const window = windowOf(events, now)
  const terminal = output.isTTY === true
  let begin = { step: 0, steps: 0, stages: 0, peak: 0 }
  let shown = now()
  let pace = 0
  let open = false

  const say = (text: string) => {
    output.write(open ? `\r\x1b[K${text}\n` : `${text}\n`)
    open = false
  }
  const show = (figures: WindowFigures) => {
    const { last, seconds } = figures
    if (!last) return
    // A mean over the last refreshes: the time left should not jump.
    const stepSeconds = seconds / figures.steps
    pace = pace === 0 ? stepSeconds : 0.9 * pace + 0.1 * stepSeconds
    const parts = [
      `stage ${last.stage}/${begin.stages}`,
      `step ${last.step}/${begin.steps}`,
      ...Object.entries(figures.tasks).map(
        ([name, { loss, correct, labels }]) =>
          `${name} ${(loss / labels).toFixed(3)} (${percent(correct / labels)})`,
      ),
      `${short(figures.tokens / seconds)} tokens/s`,
      `${percent(figures.operations / seconds / begin.peak)} of peak`,
      ...(last.skippedSteps > 0 ? [`${last.skippedSteps} skipped`] : []),
      `${duration((begin.steps - last.step) * pace)} left`,
    ]
    const text = parts.join('  ')
    if (!terminal) {
      output.write(`${text}\n`)
      return
    }
    output.write(`\r\x1b[K${text.slice(0, (output.columns ?? 80) - 1)}`)
    open = true
  }

  events.on('start', (start) => {
    begin = start
    const place = start.step === 0 ? '' : `, going on after step ${start.step}`
    say(`${start.steps} steps in ${start.stages} stages${place}`)
  })
  events.on('stage', ({ stage, budgets, added }) => {
    const shares = Object.entries(budgets).map(([task, count]) => `${task} ${count}`)
    const news = added.length > 0 ? `, new: ${added.join(', ')}` : ''
    say(`stage ${stage}/${begin.stages}: ${shares.join(', ')} steps${news}`)
  })
  events.on('step', () => {
    if (now() - shown < (terminal ? refresh : quietRefresh)) return
    shown = now()
    show(window.take())
  })
  events.on('evaluation', ({ stage, step, ends, evaluations }) => {
    const when = ends ? `after stage ${stage}` : `after step ${step}`
    for (const evaluation of evaluations) {
      const { task, corpus, loss, accuracy, baseline } = evaluation
      const f1 = headlineF1(evaluation)
      const figures = [
        `loss ${loss.toFixed(3)} (${baseline.name} ${baseline.loss.toFixed(3)})`,
        `accuracy ${percent(accuracy)} (${percent(baseline.accuracy)})`,
        ...(f1 ? [`${f1.name} ${percent(f1.reached)} (${percent(f1.baseline)})`] : []),
      ]
      say(`${when}, held-out ${corpus}: ${task} ${figures.join(', ')}`)
    }
  })
  events.on('evaluation', ({ stage, converged }) => {
    if (converged.length > 0) say(`converged in stage ${stage}: ${converged.join(', ')}`)
  })
  events.on('checkpoint', ({ path }) => say(`checkpoint ${path}`))
  events.on('end', ({ step, stopped }) => {
    if (stopped) say(`stopped after step ${step}`)
  })
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

const short = (value: number): string =>
  value < 1000
    ? value.toFixed(0)
    : value < 1e6
      ? `${(value / 1e3).toFixed(1)}k`
      : `${(value / 1e6).toFixed(1)}M`

/** Seconds as `1d 2h`, `2h 5m`, `5m 10s` or `10s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.max(0, Math.round(seconds))
  const units: [string, number][] = [
    ['d', 86400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ]
  const first = units.findIndex(([, size]) => whole >= size)
  if (first < 0) return '0s'
  return units
    .slice(first, first + 2)
    .map(([unit, size], i) => `${Math.floor((i === 0 ? whole : whole % units[first][1]) / size)}${unit}`)
    .join(' ')
}
