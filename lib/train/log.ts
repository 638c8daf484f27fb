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

/**
 * Drops what a killed process logged after the step that a run goes on from: it comes again.
 *
 * @param evaluatedAt step of the last evaluation inside a stage that the run need not make again
 */
export async function trimLog(run: string, step: number, evaluatedAt = step): Promise<void> {
  const file = path.join(run, logFile)
  if (!existsSync(file)) return
  const text = readFileSync(file, 'utf8')
  const kept = text.split('\n').filter((line) => line !== '' && stepOf(line, evaluatedAt) <= step)
  const content = kept.map((line) => `${line}\n`).join('')
  if (content !== text) await writeDurably(file, content)
}

/** After which step a line is in place; after none when it was cut off by the kill, or is of an evaluation to come again. */
function stepOf(line: string, evaluatedAt: number): number {
  try {
    const { type, step, ends } = JSON.parse(line)
    return type === 'evaluation' && !ends && step > evaluatedAt ? Number.POSITIVE_INFINITY : Number(step)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Six digits are enough to read, and NaN and infinity are not JSON. */
const rounded = (value: number): number | string =>
  Number.isFinite(value) ? Number(value.toPrecision(6)) : String(value)
