import { accuracy } from '../metrics/accuracy.ts'
import type { Confusion } from '../metrics/confusion.ts'
import { classScores } from '../metrics/f1.ts'
import { macroF1 } from '../metrics/macro-f1.ts'
import { matthews } from '../metrics/matthews.ts'

/** Figures of a classification, each in [0, 1] but Matthews' correlation, in [-1, 1]; the higher the better. */
export const metrics = {
  accuracy,
  macroF1,
  /** Of the last class, the positive one of two. */
  f1: (confusion: Confusion): number => classScores(confusion)[confusion.classes - 1].f1,
  matthews,
} as const

export type FineTuningMetric = keyof typeof metrics

export const metricNames = Object.keys(metrics) as readonly FineTuningMetric[]
