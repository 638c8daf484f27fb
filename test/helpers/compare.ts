import type { ExecutionContext } from 'ava'

/** ‖a − b‖ / ‖b‖; NaN anywhere counts as infinity. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values, ${expected.length} expected`)
  let difference = 0
  let norm = 0
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2
    norm += expected[i] ** 2
  }
  const error = norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm)
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error
}

export function isClose(
  t: ExecutionContext,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  const error = relativeError(actual, expected)
  t.true(error <= tolerance, `${what}: relative error ${error.toExponential(2)}, at most ${tolerance}`)
}

/** ‖a − b‖ ≤ tolerance · ‖b‖ + slack, for gradients whose true value may be zero. */
export function isCloseOrTiny(
  t: ExecutionContext,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  slack: number,
  what: string,
): void {
  const norm = norm2(expected)
  const difference = norm2(Float64Array.from(expected, (value, i) => value - actual[i]))
  t.true(
    actual.length === expected.length && difference <= tolerance * norm + slack,
    `${what}: ‖a − b‖ = ${difference.toExponential(2)}, ‖b‖ = ${norm.toExponential(2)}`,
  )
}

function norm2(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2
  return Math.sqrt(sum)
}
