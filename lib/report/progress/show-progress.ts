import type { Events, TrainerEvents } from '../../train/events.ts'
import { duration, percent, short } from '../../train/quantities.ts'
import { type WindowFigures, windowOf } from '../../train/step-window.ts'
import { coloured, plain, wantsColour } from '../inspect/text/paint.ts'
import { printable } from '../text-width.ts'
import { blockLines } from './block-lines.ts'
import { sayEvents } from './event-lines.ts'
import { createLiveBlock, type ProgressOutput } from './live-block.ts'
import { viewOf } from './run-view.ts'
import { timeLeftOf } from './time-left.ts'

/** What is shown of a run that trains. */
export interface Progress {
  /** Says something without disturbing what is shown; nobody else may write to the terminal meanwhile. */
  say(line: string): void
  /** Takes away what is written over and leaves the rest. The end of the run does so too. */
  close(): void
}

const refresh = 200
const quietRefresh = 15_000
/** Lines no longer than this are not broken anew while a usual terminal changes its width, before it has said so. */
const widest = 79

/**
 * Shows how a run is doing: on a terminal a block of lines that is written over, elsewhere a line now and then.
 *
 * @param options.now milliseconds
 * @param options.environment TERM, NO_COLOR and FORCE_COLOR are looked at
 */
export function showProgress(
  events: Events<TrainerEvents>,
  output: ProgressOutput = process.stderr,
  options: { now?: () => number; environment?: Record<string, string | undefined> } = {},
): Progress {
  const { now = () => performance.now(), environment = process.env } = options
  const canMoveCursor = output.isTTY === true && environment.TERM !== 'dumb'
  return canMoveCursor ? showBlock(events, output, now, environment) : showLines(events, output, now)
}

function showBlock(
  events: Events<TrainerEvents>,
  output: ProgressOutput,
  now: () => number,
  environment: Record<string, string | undefined>,
): Progress {
  const view = viewOf(events, now)
  const block = createLiveBlock(output)
  const paint = wantsColour(environment, true) ? coloured : plain
  let training = false
  let drawn = now()

  const lines = () => {
    if (!training) return []
    // A terminal breaks a line that fills its last column, and the cursor stands in a line of its own.
    const columns = Math.max(1, Math.min(widest, (output.columns ?? 80) - 1))
    const rows = Math.max(2, (output.rows ?? 24) - 1)
    return blockLines(view(), { columns, rows }, paint)
  }
  const draw = () => {
    drawn = now()
    block.draw(lines())
  }
  const say = (line: string) => block.say(line, lines())
  const timer = setInterval(draw, 1000)
  timer.unref()
  output.on?.('resize', draw)
  const close = () => {
    clearInterval(timer)
    output.off?.('resize', draw)
    training = false
    block.draw([])
  }

  events.on('stage', () => {
    training = true
  })
  sayEvents(events, say)
  events.on('step', () => {
    if (now() - drawn >= refresh) draw()
  })
  events.on('end', close)
  return { say, close }
}

function showLines(events: Events<TrainerEvents>, output: ProgressOutput, now: () => number): Progress {
  const window = windowOf(events, now)
  const secondsLeft = timeLeftOf(events, now)
  let begin = { steps: 0, stages: 0, peak: 0 }
  let shown = now()
  const say = (line: string) => {
    output.write(`${line}\n`)
  }

  events.on('start', (start) => {
    begin = start
  })
  events.on('evaluation', ({ stageEnds }) => {
    begin = { ...begin, steps: stageEnds[stageEnds.length - 1] }
  })
  sayEvents(events, say)
  events.on('step', () => {
    if (now() - shown < quietRefresh) return
    shown = now()
    say(printable(lineOf(window.take(), begin, secondsLeft())))
  })
  return { say, close() {} }
}

function lineOf(
  { last, tasks, tokens, operations, seconds }: WindowFigures,
  { steps, stages, peak }: { steps: number; stages: number; peak: number },
  secondsLeft: number,
): string {
  const figures = Object.entries(tasks).map(
    ([name, { loss, correct, labels }]) =>
      `${name} ${(loss / labels).toFixed(3)} (${percent(correct / labels)})`,
  )
  const skipped = last?.skippedSteps ?? 0
  return [
    `stage ${last?.stage}/${stages}`,
    `step ${last?.step}/${steps}`,
    ...figures,
    `${short(tokens / seconds)} tokens/s`,
    `${percent(operations / seconds / peak)} of peak`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `${duration(secondsLeft)} left`,
  ].join('  ')
}
