import { html } from '../../../lib/report/html/markup.ts'
import type { Table7 } from '../compare-methods.ts'
import { wayNames } from '../probing.ts'
import { comparisonSentence, gainSentence, verdictSentence, wayTitles } from '../wording.ts'
import { forgettingHtml } from './forgetting-html.ts'
import { pageStyle } from './page-style.ts'
import { probesHtml } from './probes-html.ts'
import { settingsHtml } from './settings-html.ts'

const sections = { ...wayTitles, order: 'The order', forgetting: 'Forgetting', settings: 'Settings' }

/** The results as one page that needs nothing else: no scripts, and a policy that lets it fetch nothing. */
export function resultsPage(results: Table7): string {
  const { seeds, settings } = results
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Table 7 in miniature</title>
<style>${{ markup: pageStyle }}</style>
</head>
<body>
<header>
<h1>Table 7 of ERNIE 2.0 in miniature</h1>
<p>Three ways to pre-train one encoder on ${settings.tasks.length} tasks, each task with ${settings.iterations} iterations in all; then it is judged on sets it has not seen. ${seeds.length} of ${settings.seeds.length} seeds.</p>
<p class="verdict">${verdictSentence(results)}</p>
<nav aria-label="Parts of this page"><ul>${Object.entries(sections).map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main>
<p class="faint">The methods' steps and tokens differ although each task has the same iterations: tasks that learn in the same stage share steps. In the plots a dot is a seed, a bar the mean, the dashed line what is reached by always saying the commonest class.</p>
${wayNames.map((way) => probesHtml(results, way))}
<section aria-labelledby="order">
<h2 id="order">The order of the methods</h2>
<p>In the paper continual multi-task learning is best, then learning all tasks at once, then one task after another. Here the average of the probes is compared, paired by seed: the same probe rows and the same initial values. p is of the exact sign-flip test: how many of all ${2 ** seeds.length} ways to flip the differences' signs give as large a mean. The order holds if both comparisons of the methods have p ≤ 0.05.</p>
${wayNames.map(
  (way) => html`
<section class="card"><h3>${wayTitles[way]}</h3>
<ul class="findings">${[
    ...results.orders[way].comparisons.map(comparisonSentence),
    ...results.orders[way].gains.map(gainSentence),
  ].map((sentence) => html`<li>${sentence}</li>`)}</ul>
</section>`,
)}
</section>
${forgettingHtml(results)}
${settingsHtml(results)}
</main>
</body>
</html>
`
  return page.markup
}
