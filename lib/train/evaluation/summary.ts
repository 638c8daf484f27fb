import type { Evaluation } from './evaluation.ts'
import { headlineF1 } from './headline-f1.ts'

/** What was learned, and what was forgotten again, as a table: tasks on held-out text after each stage. */
export function summaryOf(evaluations: Evaluation[]): string {
  const stages = [...new Set(evaluations.map(({ stage }) => stage))]
  const corpora = [...new Set(evaluations.map(({ corpus }) => corpus))]
  return corpora
    .map((corpus) => {
      const own = evaluations.filter((evaluation) => evaluation.corpus === corpus)
      const tasks = [...new Set(own.map(({ task }) => task))]
      const head = [`held-out ${corpus}`, ...stages.map((stage) => `stage ${stage}`), 'without learning']
      return aligned([head, ...tasks.flatMap((task) => rowsOf(own, task, stages))])
    })
    .join('\n\n')
}

function rowsOf(evaluations: Evaluation[], task: string, stages: number[]): string[][] {
  const own = evaluations.filter((evaluation) => evaluation.task === task)
  const [{ baseline, standardError, groups = [] }] = own
  const row = (what: string, text: (evaluation: Evaluation) => string, without: string) => {
    const cells = stages.map((stage) => {
      const evaluation = own.find((each) => each.stage === stage)
      return evaluation ? text(evaluation) : '-'
    })
    return [`${task} ${what}`, ...cells, without]
  }
  const f1 = headlineF1(own[0])
  return [
    row('loss', ({ loss }) => loss.toFixed(3), `${baseline.loss.toFixed(3)} (${baseline.name})`),
    row(
      'accuracy',
      (each) => percent(each.accuracy),
      `${percent(baseline.accuracy)} ± ${percent(standardError)}`,
    ),
    ...(f1 ? [row(f1.name, (each) => percent(headlineF1(each)?.reached), percent(f1.baseline))] : []),
    ...groups.flatMap(({ name, labels, chance }, index) => {
      // One class alone is always right.
      if (chance === 1 || labels === 0) return []
      const error = Math.sqrt((chance * (1 - chance)) / labels)
      const accuracyOf = ({ groups }: Evaluation) => groups?.[index].accuracy
      return [
        row(
          `accuracy, ${name}`,
          (each) => percent(accuracyOf(each)),
          `${percent(chance)} ± ${percent(error)}`,
        ),
      ]
    }),
  ]
}

const percent = (share: number | undefined): string =>
  share === undefined ? '-' : `${(100 * share).toFixed(1)} %`

/** A table: the first and the last column to the left, the others to the right. */
export function aligned(rows: string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const cell = (text: string, column: number) =>
    column === 0 || column === widths.length - 1 ? text.padEnd(widths[column]) : text.padStart(widths[column])
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}
