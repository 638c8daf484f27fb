import type { Evaluation } from './evaluate.ts'

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
  const { baseline, standardError } = own[0]
  const at = (stage: number, text: (evaluation: Evaluation) => string) => {
    const evaluation = own.find((each) => each.stage === stage)
    return evaluation ? text(evaluation) : '-'
  }
  return [
    [
      `${task} loss`,
      ...stages.map((s) => at(s, (e) => e.loss.toFixed(3))),
      `${baseline.loss.toFixed(3)} (${baseline.name})`,
    ],
    [
      `${task} accuracy`,
      ...stages.map((s) => at(s, (e) => percent(e.accuracy))),
      `${percent(baseline.accuracy)} ± ${percent(standardError)}`,
    ],
  ]
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

function aligned(rows: string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const cell = (text: string, column: number) =>
    column === 0 || column === widths.length - 1 ? text.padEnd(widths[column]) : text.padStart(widths[column])
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}
