import { html, type Markup } from '../html/markup.ts'
import { type Chart, type ChartSeries, describeChart, tableOf } from './chart.ts'
import { formatValue } from './format.ts'

/**
 * A chart's place on the page: its name, where it is drawn, what its lines are, and everything it shows in words and as a
 * table.
 *
 * @param of what it is about, for its name
 * @param level of its heading
 */
export function chartHtml(chart: Chart, of: string, level: 3 | 4): Markup {
  const { id, title, series, format } = chart
  if (series.length === 0)
    return html`
<figure class="card chart" aria-label="${title} of ${of}"><h${level}>${title}</h${level}><p class="faint">Nothing yet.</p></figure>`
  const rows = tableOf(chart)
  return html`
<figure class="card chart" aria-labelledby="title-${id}" aria-describedby="summary-${id}">
<h${level} id="title-${id}">${title}<span class="hidden"> of ${of}</span></h${level}>
<div class="plot" id="plot-${id}" data-chart="${id}"></div>
<ul class="lines">${series.map(
    (each, index) => html`
<li>${swatch(each)} ${each.name} <b data-value="${index}">${formatValue(each.y[each.y.length - 1], format)}</b></li>`,
  )}</ul>
<p class="hidden" id="summary-${id}">${describeChart(chart)}</p>
<details id="numbers-${id}">
<summary>Numbers<span class="hidden"> of ${title}, ${of}</span></summary>
<div class="scroll" tabindex="0" role="region" aria-label="Numbers of ${title}, ${of}">
<table>
<thead><tr><th scope="col">step</th>${series.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ step, values }) => html`
<tr><th scope="row">${formatValue(step, 'count')}</th>${values.map((value) => html`<td>${formatValue(value, format)}</td>`)}</tr>`,
  )}</tbody>
</table>
</div>
</details>
</figure>`
}

/** A short piece of the line; runs differ in colour and in the length of dashes. */
export function swatch({ run, look }: Pick<ChartSeries, 'run' | 'look'>): Markup {
  const mark = look === 'points' ? html`<circle cx="14" cy="5" r="3.5"></circle>` : null
  return html`<svg class="swatch run-${run < 0 ? 'none' : run % 6} ${look}" width="28" height="10" aria-hidden="true"><line x1="1" y1="5" x2="27" y2="5"></line>${mark}</svg>`
}
