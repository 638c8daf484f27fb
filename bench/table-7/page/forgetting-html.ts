import { html, type Markup } from '../../../lib/report/html/markup.ts'
import type { MethodFigures, Table7 } from '../compare-methods.ts'
import { methodNames, percent, spread } from '../wording.ts'

/** The pre-training tasks on held-out text after each stage, by method. */
export function forgettingHtml(results: Table7): Markup {
  return html`
<section aria-labelledby="forgetting">
<h2 id="forgetting">What was learned, and what was forgotten</h2>
<p class="faint">The pre-training tasks on held-out text after each stage, in %, mean over seeds; a task's first stage is bold. Change: from its own first stage to the end, in points; negative: forgotten. Backward transfer is its mean over the tasks before the last stage.</p>
${results.methods.map((each) => methodHtml(each, results))}
</section>`
}

function methodHtml(
  { method, heldOut }: MethodFigures,
  { baselines, maskingUnigram }: Table7,
): Markup | null {
  if (!heldOut) return null
  const { matrix, budgets, end, transfer, maskingLoss } = heldOut
  return html`
<section class="card">
<h3>${methodNames[method]}</h3>
<div class="scroll" tabindex="0" role="region" aria-label="Tasks by stage, ${methodNames[method]}">
<table class="results">
<thead><tr><th scope="col">task</th><th scope="col" class="number">without learning</th>${matrix.stages.map((stage) => html`<th scope="col" class="number">stage ${stage}</th>`)}<th scope="col" class="number">end ± deviation</th><th scope="col" class="number">change</th></tr></thead>
<tbody>${matrix.tasks.map((task, row) => {
    const first = matrix.values[row].findIndex((value) => value !== null)
    const { metric, value } = baselines[task]
    return html`
<tr><th scope="row">${task}<small>${metric}</small></th><td>${percent(value)}</td>${matrix.values[row].map(
      (cell, stage) =>
        html`<td class="${stage === first ? 'own' : 'later'}">${cell === null ? '–' : percent(cell)} <small>${budgetOf(budgets[stage][task])}</small></td>`,
    )}<td>${spread(end[task])}</td><td>${changeOf(matrix.values[row], first)}</td></tr>`
  })}</tbody>
</table>
</div>
<p class="faint">Small: iterations in the stage. Loss of masking at the end ${maskingLoss.mean.toFixed(3)} ± ${maskingLoss.deviation.toFixed(3)} (unigram ${maskingUnigram.toFixed(3)}). ${
    transfer ? `Backward transfer ${spread(transfer)} points.` : 'One stage: nothing can be forgotten.'
  }</p>
</section>`
}

const budgetOf = (iterations = 0): string => (iterations > 0 ? `+${iterations}` : '')

function changeOf(values: readonly (number | null)[], first: number): string {
  const last = values.length - 1
  const [before, after] = [values[first], values[last]]
  if (first === last || before === null || after === null) return '–'
  return `${after < before ? '−' : '+'}${percent(Math.abs(after - before))}`
}
