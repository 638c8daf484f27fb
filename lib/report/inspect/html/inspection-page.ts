import { html } from '../../html/markup.ts'
import type { Inspection } from '../inspection.ts'
import { pageStyle } from './page-style.ts'
import { samplesHtml } from './samples-html.ts'
import { statisticsHtml } from './statistics-html.ts'

/** What was found as one page that needs nothing else: no scripts, and a policy that lets it fetch nothing. */
export function inspectionPage(inspection: Inspection): string {
  const { corpus, seed, maxLength, samples, statistics } = inspection
  const title = samples ? samples.tasks.map(({ name }) => name).join(' + ') : 'Corpus'
  const links = [
    ...(samples ? [{ id: 'samples', name: `Samples (${samples.samples.length})` }] : []),
    ...(statistics
      ? [
          { id: 'statistics', name: 'Statistics of the corpus' },
          { id: 'labels', name: 'Labels of the tasks' },
        ]
      : []),
  ]
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}: ${corpus.directory}</title>
<style>${{ markup: pageStyle }}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p><code>${corpus.directory}</code></p>
<p class="faint">seed ${seed}, inputs of at most ${maxLength} tokens</p>
<nav aria-label="Parts of this page"><ul>${links.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main>${samples ? samplesHtml(inspection, samples) : null}${statistics ? statisticsHtml(inspection, statistics) : null}
</main>
</body>
</html>
`
  return page.markup
}
