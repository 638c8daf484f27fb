import { constant, linearDecay, noam, type Schedule } from '../../optim/schedules.ts'
import type { RunPlan } from '../run-plan.ts'
import type { RunSteps } from './steps.ts'

const makers: Record<RunPlan['schedule']['type'], (peak: number, warmup: number, total: number) => Schedule> =
  {
    noam: (peak, warmup) => noam({ peak, warmup: Math.max(1, warmup) }),
    linear: (peak, warmup, total) => linearDecay({ peak, warmup: Math.min(warmup, total - 1), total }),
    constant: (peak, warmup) => constant({ peak, warmup }),
  }

/**
 * Learning rate of a step of the run, from 0. With `rewarm` the schedule begins anew in each stage; in a stage that was
 * added to a run it always does. A stage that ends early, because its tasks have converged, has the rates of its full
 * length.
 *
 * @param planned stages that the run had when it began
 */
export function learningRates(
  { type, learningRate, warmup, rewarm }: RunPlan['schedule'],
  { stageStarts, stageLengths }: Pick<RunSteps, 'stageStarts' | 'stageLengths'>,
  planned = stageLengths.length,
): (step: number) => number {
  const firstStages = stageLengths
    .map((_, stage) => stage)
    .filter((stage) => rewarm || stage === 0 || stage >= planned)
  const parts = firstStages.map((stage, index) => {
    const total = stageLengths.slice(stage, firstStages[index + 1]).reduce((sum, length) => sum + length, 0)
    return { start: stageStarts[stage], schedule: makers[type](learningRate, warmup, total) }
  })
  return (step) => {
    const { start, schedule } = parts.findLast((part) => step >= part.start)!
    return schedule(step - start + 1)
  }
}
