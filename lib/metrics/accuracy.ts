import type { Confusion } from './confusion.ts'

/** Share of the labels that were predicted; NaN where there are none. */
export function accuracy({ classes, counts }: Confusion): number {
  let right = 0
  let all = 0
  for (let cell = 0; cell < counts.length; cell++) {
    all += counts[cell]
    // The diagonal.
    if (cell % (classes + 1) === 0) right += counts[cell]
  }
  return right / all
}
