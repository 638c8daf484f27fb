/** Mean and sample standard deviation (n − 1); the deviation of a single value is 0. */
export interface Spread {
  mean: number
  deviation: number
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 }
}

/** How one method's scores differ from another's, seed by seed. */
export interface Comparison {
  /** Of the differences. */
  difference: Spread
  /** Probability of a mean difference at least this high if the sign of each difference were a fair coin's. */
  higher: number
  /** The same of one at most this high. */
  lower: number
}

/**
 * The paired sign-flip test (Fisher 1935; exact, all 2^n signs): it assumes nothing of how scores are distributed. With
 * five pairs no probability is below 1/32.
 *
 * @param first, second scores in the same order of seeds, at most 20
 */
export function comparePaired(first: readonly number[], second: readonly number[]): Comparison {
  const differences = first.map((value, index) => value - second[index])
  const found = differences.reduce((sum, difference) => sum + difference, 0)
  const all = 2 ** differences.length
  // Sums of the same numbers in another order differ in their last bits.
  const slack = 1e-9 * differences.reduce((sum, difference) => sum + Math.abs(difference), 0)
  let higher = 0
  let lower = 0
  for (let signs = 0; signs < all; signs++) {
    const sum = differences.reduce(
      (total, difference, i) => total + (signs & (1 << i) ? -difference : difference),
      0,
    )
    if (sum >= found - slack) higher++
    if (sum <= found + slack) lower++
  }
  return { difference: spreadOf(differences), higher: higher / all, lower: lower / all }
}
