import { jsonScript } from '../html/json-script.ts'
import { html, type Markup } from '../html/markup.ts'
import type { RunReport, RunState } from '../run/run-report.ts'
import { pageAssets } from './assets.ts'
import { budgetsHtml } from './budgets-html.ts'
import { chartHtml } from './chart-html.ts'
import { forgettingHtml } from './forgetting-html.ts'
import { overviewHtml, stateNames } from './overview-html.ts'
import { boundariesOf, chartsOfMachine, chartsOfTasks } from './run-charts.ts'
import { runTitle } from './run-title.ts'
import { samplesHtml } from './samples-html.ts'

/** What a page shows. */
export interface PageContent {
  title: string
  /** The folder of the runs, or what was given. */
  source: string
  runs: readonly RunReport[]
  /** Of a page that follows the runs: all that can be chosen. */
  choices?: readonly RunChoice[]
}

export interface RunChoice {
  name: string
  state: RunState
  step: number
  steps: number | null
}

const parts = {
  tasks: 'Tasks',
  budgets: 'Iterations',
  forgetting: 'Forgetting',
  machine: 'Machine',
  samples: 'Samples',
}

/** A page that needs nothing else: style, scripts and data are in it, and a policy that lets it fetch nothing elsewhere. */
export function page(content: PageContent): string {
  const { title, source, choices } = content
  const { style, scripts, policy } = pageAssets()
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body${choices ? html` data-live="yes"` : null}>
<a class="skip" href="#main">To the content</a>
<header>
<h1>${title}</h1>
<p class="faint"><code>${source}</code></p>
${choices ? html`<p id="status" role="status"></p>` : null}
<nav aria-label="Parts of this page"><ul><li><a href="#overview">Overview</a></li>${Object.entries(parts).map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
${mainHtml(content)}
${scripts.map((script) => html`<script>${{ markup: script }}</script>`)}
</body>
</html>
`.markup
}

/** The part of the page that changes while runs go on. */
export function mainHtml({ runs, choices }: PageContent): Markup {
  const tasks = chartsOfTasks(runs)
  const machine = chartsOfMachine(runs)
  const data = {
    runs: runs.map((run) => ({
      name: runTitle(run),
      state: run.state,
      step: run.step,
      boundaries: boundariesOf(run),
    })),
    charts: [...tasks.flatMap(({ charts }) => charts), ...machine],
  }
  return html`<main id="main" tabindex="-1">
${choices ? pickerHtml(choices, runs) : null}
${
  runs.length === 0
    ? html`<p>No run is shown${choices && choices.length === 0 ? ': there is none in this folder yet' : ''}.</p>`
    : html`
${overviewHtml(runs)}
<section aria-labelledby="tasks">
<h2 id="tasks">Tasks</h2>
<p class="faint">Faint lines are as logged, bold ones smoothed; vertical lines are ends of stages. Arrow keys move through a chart that has the focus; dragging zooms, a double click or Escape zooms out.</p>
${tasks.map(
  ({ task, charts }, index) => html`
<section class="task" aria-labelledby="task-${index}">
<h3 id="task-${index}">${task}</h3>
<div class="grid">${charts.map((chart) => chartHtml(chart, task, 4))}</div>
</section>`,
)}
</section>
${budgetsHtml(runs)}
${forgettingHtml(runs)}
<section aria-labelledby="machine">
<h2 id="machine">Machine and optimiser</h2>
<div class="grid">${machine.map((chart) => chartHtml(chart, runs.length > 1 ? 'the runs' : 'the run', 3))}</div>
</section>
${samplesHtml(runs)}`
}
${jsonScript('charts', data)}
</main>`
}

function pickerHtml(choices: readonly RunChoice[], runs: readonly RunReport[]): Markup | null {
  if (choices.length < 2) return null
  const shown = new Set(runs.map(({ name }) => name))
  return html`
<details class="card" id="picker"${shown.size === 0 ? html` open` : null}>
<summary>Runs: ${shown.size} of ${choices.length} shown</summary>
<form class="picker" method="get" action="/">
<fieldset><legend class="hidden">Runs to show</legend>
<ul>${choices.map(
    ({ name, state, step, steps }) => html`
<li><label><input type="checkbox" name="run" value="${name}"${shown.has(name) ? html` checked` : null}> <span>${name}</span> <span class="faint">${stateNames[state]}${steps === null ? '' : `, ${Math.floor((100 * step) / Math.max(1, steps))} %`}</span></label></li>`,
  )}</ul>
</fieldset>
<button>Show</button>
</form>
</details>`
}
