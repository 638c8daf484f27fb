import { html, type Markup } from '../../../lib/report/inspect/html/markup.ts'
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
<div class="card scroll" tabindex="0" role="region" aria-label="Table of the probes">
<table class="results">
<caption>${task.metric} on the development rows in %, mean ± standard deviation over seeds. The methods' steps and tokens differ although each task has the same iterations: tasks that learn in the same stage share steps.</caption>
<thead><tr><th scope="col">pre-training</th><th scope="col" class="number">steps</th><th scope="col" class="number">tokens</th>${probes.map((probe) => html`<th scope="col" class="number">${probe}</th>`)}<th scope="col" class="number">average</th></tr></thead>
<tbody>${methods.map(
    (each) => html`
<tr><th scope="row">${methodNames[each.method]}</th><td>${each.steps === 0 ? '–' : each.steps.toFixed(0)}</td><td>${each.tokens === 0 ? '–' : `${(each.tokens / 1e6).toFixed(2)} M`}</td>${probes.map((probe) => html`<td>${spread(each.probes[probe])}</td>`)}<td><b>${spread(each.average)}</b></td></tr>`,
  )}
<tr><th scope="row">always the commonest class</th><td>–</td><td>–</td>${probes.map((probe) => html`<td>${percent(majority[probe])}</td>`)}<td>${percent(averageMajority)}</td></tr>
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
