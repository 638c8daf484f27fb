import { html, type Markup } from '../../../lib/report/html/markup.ts'
import type { MethodFigures, Table7 } from '../compare-methods.ts'
import type { Way } from '../probing.ts'
import { methodNames, percent, spread, wayTitles } from '../wording.ts'
import { dotPlot } from './dot-plot.ts'

const meanings: Record<Way, string> = {
  linear:
    'The encoder stays as it is: a logistic regression on the mean of its token representations learns, of each text of a pair by itself.',
  'fine-tuned': 'All parameters learn, with a new classifier on the first token.',
}

/** What each method reaches on each probe, judged in one way: a table and the seeds one by one. */
export function probesHtml({ methods, majority, settings }: Table7, way: Way): Markup {
  const probes = Object.keys(majority)
  const [{ task }] = settings.probes
  const averageMajority = Object.values(majority).reduce((sum, value) => sum + value / probes.length, 0)
  const scoresOf = ({ scores }: MethodFigures, probe: string) =>
    probe === 'average' ? scores[way].average : scores[way].probes[probe]
  return html`
<section aria-labelledby="${way}">
<h2 id="${way}">${wayTitles[way]}</h2>
<p class="faint">${meanings[way]} ${task.metric.replace(/^./, (first) => first.toUpperCase())} on the development rows in %, mean ± standard deviation over seeds.</p>
<div class="card scroll" tabindex="0" role="region" aria-label="Table: ${wayTitles[way]}">
<table class="results">
<thead><tr><th scope="col">pre-training</th>${[...probes, 'average', 'steps', 'tokens'].map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${methods.map(
    (each) => html`
<tr><th scope="row">${methodNames[each.method]}</th>${probes.map((probe) => html`<td>${spread(scoresOf(each, probe))}</td>`)}<td><b>${spread(scoresOf(each, 'average'))}</b></td><td>${each.steps === 0 ? '–' : each.steps.toFixed(0)}</td><td>${each.tokens === 0 ? '–' : `${(each.tokens / 1e6).toFixed(2)} M`}</td></tr>`,
  )}
<tr><th scope="row">always the commonest class</th>${probes.map((probe) => html`<td>${percent(majority[probe])}</td>`)}<td>${percent(averageMajority)}</td><td>–</td><td>–</td></tr>
</tbody>
</table>
</div>
<div class="plots">${[...probes, 'average'].map(
    (probe) => html`
<section class="card" aria-label="${wayTitles[way]}: ${probe}"><h3>${probe}</h3>${dotPlot(
      methods.map((each) => ({ name: methodNames[each.method], scores: scoresOf(each, probe) })),
      { name: 'commonest class', value: probe === 'average' ? averageMajority : majority[probe] },
    )}</section>`,
  )}</div>
</section>`
}
