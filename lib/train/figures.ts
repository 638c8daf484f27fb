import type { Memory } from '../tensor/device.ts'
import type { Events, TrainerEvents } from './events.ts'
import { windowOf } from './step-window.ts'

/** Figures of several steps as they are logged. */
export interface Figures {
  /** The last of the steps, from 1. */
  step: number
  stage: number
  /** How many steps they stand for. */
  steps: number
  /** Means over the labels of the steps; `iterations`: steps that the task took part in. */
  tasks: Record<string, { loss: number; accuracy: number; labels: number; iterations: number }>
  learningRate: number
  tokens: number
  tokensPerSecond: number
  /** Rate of the products of matrices relative to the best that the machine can do. */
  shareOfPeak: number
  /** Of the last step, before it was cut. */
  gradientNorm: number
  lossScale: number
  /** Of the whole run. */
  skippedSteps: number
  /** Bytes; `resident` of the process, the others of tensors. */
  memory: Memory & { resident: number }
}

/**
 * Calls `listener` with the figures of every so many steps, and, before the evaluation that ends a stage, at checkpoints
 * and at the end, with those of the steps since: what a run that goes on from a checkpoint has done is told to the step.
 */
export function onFigures(
  events: Events<TrainerEvents>,
  every: number,
  listener: (figures: Figures) => void,
): void {
  const window = windowOf(events)
  let peak = 0
  let memory: Memory = { live: 0, cached: 0, peak: 0 }
  const tell = () => {
    const { last, tasks, steps, operations, seconds, tokens } = window.take()
    if (!last || steps === 0) return
    const { step, stage, learningRate, gradientNorm, lossScale, skippedSteps } = last
    const means = Object.entries(tasks).map(([name, { loss, correct, labels, iterations }]) => [
      name,
      { loss: loss / labels, accuracy: correct / labels, labels, iterations },
    ])
    listener({
      step,
      stage,
      steps,
      tasks: Object.fromEntries(means),
      learningRate,
      tokens,
      tokensPerSecond: tokens / seconds,
      shareOfPeak: operations / seconds / peak,
      gradientNorm,
      lossScale,
      skippedSteps,
      memory: { ...memory, resident: process.memoryUsage.rss() },
    })
  }
  events.on('start', (start) => {
    peak = start.peak
  })
  events.on('step', (report) => {
    memory = report.memory
    if (report.step % every === 0) tell()
  })
  events.on('evaluation', ({ ends }) => {
    if (ends) tell()
  })
  events.on('checkpoint', tell)
  events.on('end', tell)
}
