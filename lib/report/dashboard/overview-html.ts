import { duration } from '../../train/quantities.ts'
import { html, type Markup } from '../html/markup.ts'
import type { EvaluationPoint, RunReport, RunState } from '../run/run-report.ts'
import { swatch } from './chart-html.ts'
import { transferOf } from './forgetting-html.ts'
import { formatChange, formatValue } from './format.ts'
import { formatOfFigure } from './run-charts.ts'
import { runTitle } from './run-title.ts'

/** States with a sign each, so that they are told apart without colour. */
export const stateNames: Record<RunState, string> = {
  waiting: '○ nothing logged yet',
  running: '● running',
  finished: '✓ finished',
  stopped: '■ stopped',
  interrupted: '✕ interrupted',
}

/** How each run stands, side by side. */
export function overviewHtml(runs: readonly RunReport[]): Markup {
  return html`
<section aria-labelledby="overview">
<h2 id="overview">Overview</h2>
<div class="grid ${runs.length > 1 ? 'runs' : 'one-run'}">${runs.map((run, index) => runHtml(run, index, runs.length > 1))}</div>
${runs.length > 1 ? resultsHtml(runs) : null}
</section>`
}

function runHtml(run: RunReport, index: number, several: boolean): Markup {
  const { state, step, steps, stages } = run
  const begun = stages.filter((stage) => stage.state !== 'planned').length
  const progress = steps === null || steps === 0 ? 0 : step / steps
  return html`
<section class="card" aria-labelledby="run-${index}">
<h3 id="run-${index}">${several ? swatch({ run: index, look: 'steps' }) : null} ${runTitle(run)}</h3>
<p class="state ${state}">${stateNames[state]}</p>
<svg class="progress" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true"><rect class="whole" width="100" height="2"></rect><rect class="part" width="${(100 * progress).toFixed(1)}" height="2"></rect></svg>
<dl>${factsOf(run, begun).map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
</section>`
}

/** What every run has reached on held-out text, in one table. */
function resultsHtml(runs: readonly RunReport[]): Markup | null {
  const rows = [...new Set(runs.flatMap(({ evaluations }) => evaluations.map(({ row }) => row)))]
  if (rows.length === 0) return null
  const lastOf = ({ evaluations }: RunReport, row: string) => evaluations.findLast((each) => each.row === row)
  return html`
<section class="card results" aria-labelledby="results">
<h3 id="results">Held-out figures, last evaluated</h3>
<div class="scroll" tabindex="0" role="region" aria-label="Held-out figures of all runs">
<table class="matrix">
<thead><tr><th scope="col">task</th>${runs.map((run, index) => html`<th scope="col" class="number">${swatch({ run: index, look: 'steps' })}<br>${runTitle(run)}</th>`)}</tr></thead>
<tbody>${rows.map((row) => {
    const found = runs.map((run) => lastOf(run, row))
    const figure = found.find((each) => each !== undefined)?.figure ?? ''
    const best = Math.max(...found.map((each) => each?.value ?? Number.NEGATIVE_INFINITY))
    return html`
<tr><th scope="row" class="name">${row}<small>${figure}</small></th>${found.map((each) => valueHtml(each, each?.value === best))}</tr>`
  })}</tbody>
</table>
</div>
<p class="faint">Bold: the highest. Backward transfer and the way there are below.</p>
</section>`
}

function valueHtml(found: EvaluationPoint | undefined, best: boolean): Markup {
  if (!found) return html`<td class="none">–</td>`
  const text = formatValue(found.value, formatOfFigure(found.figure))
  return best ? html`<td><b>${text}</b></td>` : html`<td>${text}</td>`
}

function factsOf(run: RunReport, begun: number): [string, string][] {
  const { settings, step, steps, stages, points, tokens, seconds, checkpoint, updated, state } = run
  const last = points.at(-1)
  const recent = points.slice(-20)
  const recentSeconds = recent.reduce((sum, point) => sum + point.seconds, 0)
  const recentSteps = recent.reduce((sum, point) => sum + point.steps, 0)
  const { mean } = transferOf(run).transfer
  const largest = Math.max(0, ...points.map(({ resident }) => resident ?? 0))
  const left = steps === null || recentSteps === 0 ? null : ((steps - step) * recentSeconds) / recentSteps
  return [
    ['step', `${formatValue(step, 'count')} of ${formatValue(steps, 'count')}`],
    ['stage', `${begun} of ${stages.length}`],
    ...(state === 'running' && left !== null ? [['time left', duration(left)] as [string, string]] : []),
    ['trained', `${duration(seconds)}, ${formatValue(tokens, 'count')} tokens`],
    ['tokens per second', formatValue(seconds > 0 ? tokens / seconds : null, 'count')],
    ['memory at most', largest > 0 ? formatValue(largest, 'bytes') : '–'],
    ['skipped steps', formatValue(last?.skippedSteps ?? 0, 'count')],
    ['backward transfer', mean === null ? '–' : `${formatChange(mean, 'share')} points`],
    ['method', settings.method],
    ['encoder', settings.encoder],
    ['tokens per step', formatValue(settings.tokensPerStep, 'count')],
    ['precision', settings.precision ?? '–'],
    ['checkpoint', checkpoint ?? 'none yet'],
    ['last logged', updated === null ? '–' : updated.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
  ]
}
