import { html, type Markup } from '../../html/markup.ts'
import type { CorpusStatistics, Histogram, Inspection, TaskBalance } from '../inspection.ts'
import { grouped, percent } from '../numbers.ts'
import {
  binName,
  describeBalance,
  describeCorpus,
  describeLengths,
  describeSample,
  factsOf,
} from '../statistics-wording.ts'

const fewClasses = 12

/** The statistics of a corpus. */
export function statisticsHtml(inspection: Inspection, statistics: CorpusStatistics): Markup {
  const { corpus } = inspection
  const { documentLengths, sentenceLengths, sources, otherSources, labels, sampled } = statistics
  const used = statistics.tasks.filter(({ refused }) => refused === undefined)
  const unused = statistics.tasks.filter(({ refused }) => refused !== undefined)
  return html`
<section aria-labelledby="statistics">
<h2 id="statistics">Statistics of the corpus</h2>
<p>${describeCorpus(corpus)}.</p>
<p class="faint">${describeSample(inspection, statistics)}</p>
<div class="figures">
<section class="card">
<h3>Contents</h3>
<table>
<thead><tr><th scope="col">of</th><th scope="col" class="number">count</th><th scope="col">that is</th></tr></thead>
<tbody>${factsOf(corpus, statistics).map(
    ([name, value, remark]) => html`
<tr><th scope="row">${name}</th><td>${value}</td><td class="remark">${remark}</td></tr>`,
  )}</tbody>
</table>
</section>
${histogramHtml('Document lengths in tokens', documentLengths)}
${histogramHtml('Sentence lengths in tokens', sentenceLengths)}
<section class="card">
<h3>Sources of the documents</h3>
${barsHtml('source', sources.map(countOf), sampled.documents)}
${otherSources > 0 ? html`<p class="faint">and ${grouped(otherSources)} more</p>` : null}
</section>
${labels.length > 0 ? html`<section class="card"><h3>Labels of the pairs</h3>${barsHtml('label', labels.map(countOf), sampled.documents)}</section>` : null}
<section class="card">
<h3>Most frequent of ${grouped(statistics.distinctTokens)} different tokens</h3>
<ol class="tokens" lang="${corpus.language}">${statistics.frequentTokens.map(
    ({ piece, count }) => html`<li><code>${piece}</code> <span class="faint">${grouped(count)}</span></li>`,
  )}</ol>
</section>
</div>
<h2 id="labels">Labels of the tasks</h2>
<div class="figures">${used.map(balanceHtml)}</div>
${
  unused.length > 0
    ? html`
<h3>Tasks that do not use this corpus</h3>
<dl>${unused.map(({ task, refused }) => html`<dt>${task}</dt><dd>${refused ?? null}</dd>`)}</dl>`
    : null
}
</section>`
}

const countOf = ({ name, documents }: { name: string; documents: number }) => ({ name, count: documents })

function histogramHtml(title: string, lengths: Histogram): Markup {
  const rows = lengths.bins.map((bin) => ({ name: binName(bin), count: bin.count }))
  return html`
<section class="card">
<h3>${title}</h3>
<p class="faint">${describeLengths(lengths)}</p>
${barsHtml('tokens', rows, lengths.count)}
</section>`
}

function balanceHtml(balance: TaskBalance): Markup {
  const table = barsHtml(
    balance.predicts === 'tokens' ? 'what is seen' : 'class',
    balance.classes,
    balance.labels,
  )
  const { length } = balance.classes
  return html`
<section class="card">
<h3>${balance.task}</h3>
<p class="faint">${describeBalance(balance)}</p>
${length > fewClasses ? html`<details><summary>${length} classes</summary>${table}</details>` : table}
</section>`
}

/** Counts with their share of `total` and a bar each, the longest over the whole width. */
function barsHtml(what: string, rows: readonly { name: string; count: number }[], total: number): Markup {
  const most = Math.max(1, ...rows.map(({ count }) => count))
  return html`
<table>
<thead><tr><th scope="col">${what}</th><th scope="col" class="number">count</th><th scope="col" class="number">share</th><td></td></tr></thead>
<tbody>${rows.map(
    ({ name, count }) => html`
<tr><th scope="row" class="name">${name}</th><td>${grouped(count)}</td><td>${percent(count / total)}</td><td class="space"><span class="bar" style="width:${((100 * count) / most).toFixed(1)}%"></span></td></tr>`,
  )}</tbody>
</table>`
}
