import { EverlearnError } from '../error.ts'

/** Learning rate of a step; steps count from 1. */
export type Schedule = (step: number) => number

/** peak · min(step / warmup, √(warmup / step)): the peak is reached at the end of the warmup (paper, section 5.1.3). */
export function noam({ peak, warmup }: { peak: number; warmup: number }): Schedule {
  if (!(warmup >= 1))
    throw new EverlearnError('SCHEDULE', `noam: warmup must be at least 1 step, found ${warmup}`)
  return (step) => peak * Math.min(step / warmup, Math.sqrt(warmup / step))
}

/** peak · step / warmup up to the warmup's end, then in a straight line to 0 at `total`. */
export function linearDecay({
  peak,
  warmup,
  total,
}: {
  peak: number
  warmup: number
  total: number
}): Schedule {
  if (!(warmup >= 0 && total > warmup))
    throw new EverlearnError(
      'SCHEDULE',
      `linear: warmup (${warmup}) must be from 0 to less than total (${total})`,
    )
  return (step) =>
    step <= warmup ? (peak * step) / warmup : (peak * Math.max(0, total - step)) / (total - warmup)
}

/** peak, after a warmup in a straight line if there is one. */
export function constant({ peak, warmup = 0 }: { peak: number; warmup?: number }): Schedule {
  return (step) => (step < warmup ? (peak * step) / warmup : peak)
}
