import { backwardTransfer, type ForgettingMatrix, forgettingMatrix } from '../../metrics/forgetting.ts'
import { html, type Markup } from '../html/markup.ts'
import type { EvaluationPoint, RunReport } from '../run/run-report.ts'
import { type Format, formatChange, formatValue } from './format.ts'
import { formatOfFigure } from './run-charts.ts'
import { runTitle } from './run-title.ts'

/** Changes from which a cell has the next stronger colour. */
const levels = [0.005, 0.02, 0.05]

/** The metrics at the ends of stages, and how later stages changed them. */
export function transferOf({ evaluations }: Pick<RunReport, 'evaluations'>): ForgettingMatrix & {
  transfer: ReturnType<typeof backwardTransfer>
} {
  const matrix = forgettingMatrix(
    evaluations.flatMap(({ ends, row, stage, value }) =>
      ends && value !== null ? [{ task: row, stage, value }] : [],
    ),
  )
  return { ...matrix, transfer: backwardTransfer(matrix) }
}

/** What each task reached after each stage, in colours of what later stages did to it. */
export function forgettingHtml(runs: readonly RunReport[]): Markup {
  return html`
<section aria-labelledby="forgetting">
<h2 id="forgetting">What was learned and forgotten</h2>
<p class="faint">Held-out figures at the end of each stage; the higher the better. Below a figure stands its change, in percentage points, since the task’s own first stage (framed): <span class="gain-2">▲ better</span>, <span class="loss-2">▼ worse</span>. Backward transfer is the change after the last stage; its mean over the tasks is that of Lopez-Paz &amp; Ranzato (2017), negative where tasks were forgotten.</p>
<div class="grid wide">${runs.map(matrixHtml)}</div>
</section>`
}

function matrixHtml(run: RunReport, index: number): Markup {
  const { tasks, stages, values, transfer } = transferOf(run)
  const heading = `matrix-${index}`
  const title = html`<h3 id="${heading}">${runTitle(run)}</h3>`
  if (tasks.length === 0)
    return html`
<section class="card" aria-labelledby="${heading}">${title}<p class="faint">No stage has been evaluated yet.</p></section>`
  return html`
<section class="card" aria-labelledby="${heading}">
${title}
<div class="scroll" tabindex="0" role="region" aria-label="What ${runTitle(run)} learned and forgot">
<table class="matrix">
<thead><tr><th scope="col">task</th><th scope="col" class="number">without learning</th>${stages.map((stage) => html`<th scope="col" class="number">stage ${stage}</th>`)}<th scope="col" class="number">backward transfer</th></tr></thead>
<tbody>${tasks.map((task, row) => rowHtml(run, task, values[row], transfer.tasks[task]))}</tbody>
<tfoot><tr><th scope="row" colspan="${2 + stages.length}">mean backward transfer</th><td><b>${transfer.mean === null ? '–' : `${formatChange(transfer.mean, 'share')} points`}</b></td></tr></tfoot>
</table>
</div>
</section>`
}

function rowHtml(
  { evaluations }: RunReport,
  row: string,
  values: (number | null)[],
  transfer: number | null,
): Markup {
  const { figure, baseline } = evaluations.find((each) => each.row === row) as EvaluationPoint
  const format = formatOfFigure(figure)
  const first = values.findIndex((value) => value !== null)
  const cells = values.map((value, index) => {
    if (value === null) return html`<td class="none">–</td>`
    if (index === first) return html`<td class="first"><span>${formatValue(value, format)}</span></td>`
    const change = value - (values[first] as number)
    return html`<td class="${colourOf(change, values[first] as number, format)}"><span>${formatValue(value, format)}</span><small>${signed(change, format)}</small></td>`
  })
  return html`
<tr><th scope="row" class="name">${row}<small>${figure}</small></th><td class="faint">${formatValue(baseline.value, format)}</td>${cells}<td class="${transfer === null ? 'none' : colourOf(transfer, values[first] as number, format)}">${transfer === null ? '–' : signed(transfer, format)}</td></tr>`
}

function signed(change: number, format: Format): string {
  const text = formatChange(change, format)
  return `${text.startsWith('±') ? '' : change < 0 ? '▼ ' : '▲ '}${text}`
}

/** Changes of shares count as they are, others relative to where they began. */
function colourOf(change: number, first: number, format: Format): string {
  const size = Math.abs(format === 'share' || first === 0 ? change : change / first)
  const level = levels.filter((each) => size >= each).length
  return level === 0 ? 'same' : `${change < 0 ? 'loss' : 'gain'}-${level}`
}
