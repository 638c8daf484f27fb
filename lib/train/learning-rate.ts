import { constant, linearDecay, noam, type Schedule } from '../optim/schedules.ts'
import type { RunPlan } from './run-plan.ts'

const makers: Record<RunPlan['schedule']['type'], (peak: number, warmup: number, total: number) => Schedule> =
  {
    noam: (peak, warmup) => noam({ peak, warmup: Math.max(1, warmup) }),
    linear: (peak, warmup, total) => linearDecay({ peak, warmup: Math.min(warmup, total - 1), total }),
    constant: (peak, warmup) => constant({ peak, warmup }),
  }

/**
 * Learning rate of a step of the run, from 0. With `rewarm` the schedule begins anew in each stage, where stage s is
 * steps stageStarts[s] to stageStarts[s + 1] - 1.
 */
export function learningRates(
  { type, learningRate, warmup, rewarm }: RunPlan['schedule'],
  stageStarts: readonly number[],
): (step: number) => number {
  const starts = rewarm ? stageStarts : [0, stageStarts[stageStarts.length - 1]]
  const schedules = starts.slice(1).map((end, i) => makers[type](learningRate, warmup, end - starts[i]))
  return (step) => {
    const part = starts.findLastIndex((start, i) => step >= start && i < schedules.length)
    return schedules[part](step - starts[part] + 1)
  }
}
