import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { writeDurably } from './durable.ts'
import type { Events, TrainerEvents } from './events.ts'
import { type Figures, onFigures } from './figures.ts'
import { keepLog } from './keep-log.ts'

const logFile = 'log.jsonl'

/**
 * Writes what happens to RUN/log.jsonl, one object a line: type, then step (from 1), and besides what docs/cli.md lists.
 *
 * @param every steps that one line of figures stands for
 */
export function logTo(run: string, events: Events<TrainerEvents>, every: number): void {
  const file = path.join(run, logFile)
  const write = (type: string, record: object) => {
    const line = { type, ...record, time: new Date().toISOString() }
    keepLog(run, file, () => appendFileSync(file, `${JSON.stringify(line)}\n`))
  }
  onFigures(events, every, (figures) => write('steps', recordOf(figures)))
  events.on('start', (start) => write('start', start))
  events.on('stage', (stage) => write('stage', stage))
  events.on('evaluation', (evaluation) => write('evaluation', evaluation))
  events.on('checkpoint', (checkpoint) => write('checkpoint', checkpoint))
  events.on('end', (end) => write('end', end))
}

/** With the digits that are worth reading. */
function recordOf(figures: Figures): object {
  const { tasks, learningRate, tokensPerSecond, shareOfPeak, gradientNorm } = figures
  const means = Object.entries(tasks).map(([name, { loss, accuracy, ...counts }]) => [
    name,
    { loss: rounded(loss), accuracy: rounded(accuracy), ...counts },
  ])
  return {
    ...figures,
    tasks: Object.fromEntries(means),
    learningRate: rounded(learningRate),
    tokensPerSecond: Math.round(tokensPerSecond),
    shareOfPeak: rounded(shareOfPeak),
    gradientNorm: rounded(gradientNorm),
  }
}

/** Drops what a killed process logged after the step that a run goes on from: it comes again. */
export async function trimLog(run: string, step: number): Promise<void> {
  const file = path.join(run, logFile)
  if (!existsSync(file)) return
  const text = readFileSync(file, 'utf8')
  const kept = text.split('\n').filter((line) => line !== '' && stepOf(line) <= step)
  const content = kept.map((line) => `${line}\n`).join('')
  if (content !== text) await writeDurably(file, content)
}

/** A line that was cut off by the kill has none. */
function stepOf(line: string): number {
  try {
    return Number(JSON.parse(line).step)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Six digits are enough to read, and NaN and infinity are not JSON. */
const rounded = (value: number): number | string =>
  Number.isFinite(value) ? Number(value.toPrecision(6)) : String(value)
