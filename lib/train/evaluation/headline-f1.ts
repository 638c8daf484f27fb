import type { Evaluation } from './evaluation.ts'

/**
 * The F1 that says most of a task with classes: of tokens in two classes that of the rarer class, else the mean over
 * the classes. Null where there are no classes.
 */
export function headlineF1({
  classes,
  macroF1,
  baseline,
}: Pick<Evaluation, 'classes' | 'macroF1' | 'baseline'>): {
  name: string
  reached: number
  baseline: number
} | null {
  if (!classes || macroF1 === undefined || baseline.macroF1 === undefined) return null
  if (baseline.f1 && classes.length === 2) {
    const rarer = classes[1].labels <= classes[0].labels ? 1 : 0
    return {
      name: `F1 of "${classes[rarer].name}"`,
      reached: classes[rarer].f1,
      baseline: baseline.f1[rarer],
    }
  }
  return { name: 'macro F1', reached: macroF1, baseline: baseline.macroF1 }
}
