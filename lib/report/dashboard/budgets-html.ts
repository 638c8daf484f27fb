import { html, type Markup } from '../html/markup.ts'
import type { RunReport, StageReport } from '../run/run-report.ts'
import { formatValue } from './format.ts'
import { runTitle } from './run-title.ts'

/** Iterations of each task by stage, planned and used: Table 7 of the paper as a picture that is a table. */
export function budgetsHtml(runs: readonly RunReport[]): Markup {
  const most = Math.max(
    1,
    ...runs.flatMap((run) => run.tasks.map((task) => sumOf(run.stages, task, 'budgets'))),
  )
  return html`
<section aria-labelledby="budgets">
<h2 id="budgets">Iterations by task and stage</h2>
<p class="faint">An iteration is a step that a task takes part in. A bar is as long as the task’s budget in the stage; its filled part is used. All bars of this page have one scale.</p>
<div class="grid wide">${runs.map((run, index) => budgetHtml(run, index, most))}</div>
</section>`
}

function budgetHtml(run: RunReport, index: number, most: number): Markup {
  const { stages, tasks } = run
  const heading = `budget-${index}`
  if (stages.length === 0)
    return html`
<section class="card" aria-labelledby="${heading}"><h3 id="${heading}">${runTitle(run)}</h3><p class="faint">The stages are not known yet.</p></section>`
  return html`
<section class="card" aria-labelledby="${heading}">
<h3 id="${heading}">${runTitle(run)}</h3>
<div class="scroll" tabindex="0" role="region" aria-label="Iterations of ${runTitle(run)}">
<table class="budgets">
<thead><tr><th scope="col">task</th>${stages.map(({ stage, state }) => html`<th scope="col">stage ${stage}${state === 'begun' ? ' (now)' : ''}</th>`)}<th scope="col" class="number">in all</th></tr></thead>
<tbody>${tasks.map(
    (task) => html`
<tr><th scope="row" class="name">${task}</th>${stages.map((stage) => cellHtml(stage, task, most))}<td>${countsOf(sumOf(stages, task, 'used'), sumOf(stages, task, 'budgets'))}</td></tr>`,
  )}</tbody>
</table>
</div>
</section>`
}

function cellHtml({ budgets, used, state }: StageReport, task: string, most: number): Markup {
  const budget = budgets[task] ?? 0
  const done = used[task] ?? 0
  if (budget === 0 && done === 0) return html`<td class="none">–</td>`
  const width = (value: number) => ((100 * value) / most).toFixed(1)
  return html`<td><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="whole" width="${width(Math.max(budget, done))}" height="8"></rect><rect class="part" width="${width(done)}" height="8"></rect></svg><span>${state === 'planned' ? formatValue(budget, 'count') : countsOf(done, budget)}</span></td>`
}

/** `200` where all is used, else `120 of 200`. */
const countsOf = (used: number, budget: number): string =>
  used === budget
    ? formatValue(used, 'count')
    : `${formatValue(used, 'count')} of ${formatValue(budget, 'count')}`

const sumOf = (stages: readonly StageReport[], task: string, key: 'budgets' | 'used'): number =>
  stages.reduce((sum, stage) => sum + (stage[key][task] ?? 0), 0)
