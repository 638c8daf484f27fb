import { bytes, duration, percent, short } from '../../train/quantities.ts'
import { grouped } from '../inspect/numbers.ts'
import type { Paint } from '../inspect/text/paint.ts'
import { columnsOf, printable } from '../text-width.ts'
import { fitParts, fitTable } from './fit.ts'
import type { RunView, TaskView } from './run-view.ts'

export interface BlockSize {
  /** Columns that a line may fill. */
  columns: number
  /** Lines that the block may have, at least 2. */
  rows: number
}

const shortestBar = 8

/** How a run is doing, in a few lines: where it is, its tasks, its speed and the time left. */
export function blockLines(view: RunView, { columns, rows }: BlockSize, paint: Paint): string[] {
  const head = headLine(view, columns, paint)
  const foot = footLine(view, columns)
  const shown = view.tasks.filter(({ budget }) => budget > 0)
  const room = Math.max(0, rows - 2)
  const tasks = shown.length > room ? shown.slice(0, Math.max(0, room - 1)) : shown
  const table = tasks.length === 0 ? [] : taskLines(tasks, columns, paint)
  const hidden = shown.length - tasks.length
  const more =
    hidden > 0 && room > 0
      ? [paint('faint', fitParts([{ text: `${hidden} more tasks`, rank: 0 }], columns))]
      : []
  return [head, ...table, ...more, foot]
}

function headLine(
  { stage, stages, step, steps, stageIsDone }: RunView,
  columns: number,
  paint: Paint,
): string {
  const text = fitParts(
    [
      { text: `stage ${stage}/${stages}`, rank: 2 },
      { text: `step ${grouped(step)}/${grouped(steps)}`, rank: 3 },
      { text: steps === 0 ? '' : percent(step / steps), rank: 1 },
      { text: stageIsDone ? 'evaluating' : '', rank: 0 },
    ],
    columns,
  )
  const room = Math.min(40, columns - columnsOf(text) - 2)
  const painted = paint('title', text)
  return room < shortestBar || steps === 0 ? painted : `${painted}  ${paint('bar', bar(step / steps, room))}`
}

/** ASCII, since the width of block characters differs between terminals. */
function bar(share: number, columns: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * (columns - 2))
  return `[${'#'.repeat(filled)}${'-'.repeat(columns - 2 - filled)}]`
}

function taskLines(tasks: TaskView[], columns: number, paint: Paint): string[] {
  const figure = (of: (task: TaskView) => string) => tasks.map(of)
  const lines = fitTable(
    [
      { cells: figure(({ name }) => printable(name)), rank: 9, align: 'left' },
      {
        cells: figure(
          ({ done, budget, doneIsEstimate }) =>
            `${doneIsEstimate ? '~' : ''}${grouped(done)}/${grouped(budget)}`,
        ),
        rank: 4,
        align: 'right',
      },
      {
        cells: figure(({ recent }) => (recent ? `loss ${recent.loss.toFixed(3)}` : '')),
        rank: 8,
        align: 'right',
      },
      { cells: figure(({ recent }) => (recent ? percent(recent.accuracy) : '')), rank: 6, align: 'right' },
      {
        cells: figure(({ heldOut }) =>
          heldOut ? `held-out ${heldOut.loss.toFixed(3)} (${percent(heldOut.accuracy)})` : '',
        ),
        rank: 5,
        align: 'right',
      },
      {
        cells: figure(({ added, converged }) => (converged ? 'converged' : added ? 'new' : '')),
        rank: 3,
        align: 'left',
      },
    ],
    columns,
  )
  return lines.map((line, index) => (tasks[index].converged ? paint('faint', line) : line))
}

function footLine(view: RunView, columns: number): string {
  const { last, tokensPerSecond, shareOfPeak, secondsLeft } = view
  if (!last) return fitParts([{ text: 'waiting for the first step', rank: 0 }], columns)
  const { learningRate, skippedSteps, memory } = last
  return fitParts(
    [
      { text: `${duration(secondsLeft)} left`, rank: 9 },
      { text: `${short(tokensPerSecond)} tokens/s`, rank: 8 },
      { text: `${percent(shareOfPeak)} of peak`, rank: 6 },
      { text: skippedSteps > 0 ? `${grouped(skippedSteps)} skipped` : '', rank: 7 },
      { text: bytes(memory.live + memory.cached), rank: 5 },
      { text: `learning rate ${learningRate.toPrecision(3)}`, rank: 4 },
    ],
    columns,
  )
}
