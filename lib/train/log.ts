import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { EverlearnError } from '../error.ts'
import { writeDurably } from './durable.ts'
import type { Events, TrainerEvents } from './events.ts'
import { windowOf } from './step-window.ts'

const logFile = 'log.jsonl'

/**
 * Writes what happens to RUN/log.jsonl, one object a line: type, then step (from 1), and besides what docs/cli.md lists.
 *
 * @param every steps that one line of figures stands for
 */
export function logTo(run: string, events: Events<TrainerEvents>, every: number): void {
  const file = path.join(run, logFile)
  const window = windowOf(events)
  let peak = 0
  const write = (type: string, record: object) => {
    const line = { type, ...record, time: new Date().toISOString() }
    try {
      appendFileSync(file, `${JSON.stringify(line)}\n`)
    } catch (cause) {
      throw new EverlearnError(
        'LOG_NOT_WRITTEN',
        `cannot write ${file}: ${(cause as Error).message}; make room, then \`everlearn resume ${run}\``,
        { cause },
      )
    }
  }
  const writeSteps = (memory: object) => {
    const { last, tasks, steps, operations, seconds, ...sums } = window.take()
    if (!last || steps === 0) return
    const { step, stage, learningRate, gradientNorm, lossScale, skippedSteps } = last
    const figures = Object.entries(tasks).map(([name, { loss, correct, labels, iterations }]) => [
      name,
      { loss: rounded(loss / labels), accuracy: rounded(correct / labels), labels, iterations },
    ])
    write('steps', {
      step,
      stage,
      steps,
      tasks: Object.fromEntries(figures),
      learningRate: rounded(learningRate),
      tokens: sums.tokens,
      tokensPerSecond: Math.round(sums.tokens / seconds),
      shareOfPeak: rounded(operations / seconds / peak),
      gradientNorm: rounded(gradientNorm),
      lossScale,
      skippedSteps,
      memory: { ...memory, resident: process.memoryUsage.rss() },
    })
  }
  let memory: object = {}
  events.on('start', (start) => {
    peak = start.peak
    write('start', start)
  })
  events.on('stage', (stage) => write('stage', stage))
  events.on('step', (report) => {
    memory = report.memory
    if (report.step % every === 0) writeSteps(memory)
  })
  events.on('evaluation', (evaluation) => {
    if (evaluation.ends) writeSteps(memory)
    write('evaluation', evaluation)
  })
  events.on('checkpoint', (checkpoint) => {
    // What a run that goes on from here has done before is then in the log to the step.
    writeSteps(memory)
    write('checkpoint', checkpoint)
  })
  events.on('end', (end) => {
    writeSteps(memory)
    write('end', end)
  })
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
