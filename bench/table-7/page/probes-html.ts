import { html, type Markup } from '../../../lib/report/html/markup.ts'
import type { Table7 } from '../compare-methods.ts'
import { methodNames, percent, spread } from '../wording.ts'
import { dotPlot } from './dot-plot.ts'

/** What each method reaches on each probe: a table and the seeds one by one. */
export function probesHtml({ methods, majority, settings }: Table7): Markup {
  const probes = Object.keys(majority)
  const [{ task }] = settings.probes
  const plotted = [...probes, 'average']
  const averageMajority = Object.values(majority).reduce((sum, value) => sum + value / probes.length, 0)
  return html`
<section aria-labelledby="probes">
<h2 id="probes">Fine-tuned</h2>
<p class="faint">${task.metric.replace(/^./, (first) => first.toUpperCase())} on the development rows in %, mean ± standard deviation over seeds. The methods' steps and tokens differ although each task has the same iterations: tasks that learn in the same stage share steps.</p>
<div class="card scroll" tabindex="0" role="region" aria-label="Table of the probes">
<table class="results">
<thead><tr><th scope="col">pre-training</th>${[...probes, 'average', 'steps', 'tokens'].map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${methods.map(
    (each) => html`
<tr><th scope="row">${methodNames[each.method]}</th>${probes.map((probe) => html`<td>${spread(each.probes[probe])}</td>`)}<td><b>${spread(each.average)}</b></td><td>${each.steps === 0 ? '–' : each.steps.toFixed(0)}</td><td>${each.tokens === 0 ? '–' : `${(each.tokens / 1e6).toFixed(2)} M`}</td></tr>`,
  )}
<tr><th scope="row">always the commonest class</th>${probes.map((probe) => html`<td>${percent(majority[probe])}</td>`)}<td>${percent(averageMajority)}</td><td>–</td><td>–</td></tr>
</tbody>
</table>
</div>
<p class="faint">Below: a dot is a seed, a bar the mean, the dashed line what is reached by always saying the commonest class.</p>
<div class="plots">${plotted.map(
    (probe) => html`
<section class="card" aria-label="${probe}"><h3>${probe}</h3>${dotPlot(
      methods.map((each) => ({
        name: methodNames[each.method],
        scores: probe === 'average' ? each.average : each.probes[probe],
      })),
      { name: 'commonest class', value: probe === 'average' ? averageMajority : majority[probe] },
    )}</section>`,
  )}</div>
</section>`
}
