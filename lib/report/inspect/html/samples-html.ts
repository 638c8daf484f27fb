import { html, type Markup } from '../../html/markup.ts'
import type { InspectedTask, Inspection, Sample, TaskSamples } from '../inspection.ts'
import { signsOf } from '../label-signs.ts'
import { classOf, maskingOf, placesOf, rowOf } from '../wording.ts'
import { wordsHtml } from './segment-html.ts'

const fewClasses = 12

/** The samples with what their marks mean. */
export function samplesHtml({ corpus }: Inspection, { tasks, samples }: TaskSamples): Markup {
  const articles = samples.map((sample, index) => sampleHtml(sample, index + 1, tasks, corpus.language))
  return html`
<section aria-labelledby="samples">
<h2 id="samples">Samples</h2>
<div class="card legend">
<h3>What the marks mean</h3>
<dl>${tasks.map((task) => legendHtml(task, tasks))}</dl>
</div>
${articles}
</section>`
}

function legendHtml(task: InspectedTask, tasks: readonly InspectedTask[]): Markup {
  const { name, predicts, options } = task
  const given =
    Object.keys(options).length > 0
      ? html`<p class="faint">options <code>${JSON.stringify(options)}</code></p>`
      : null
  return html`
<dt>${name}</dt>
<dd>${predicts === 'tokens' ? maskingLegend : classesHtml(task, tasks)}${given}</dd>`
}

const maskingLegend = html`
<p>The encoder sees what stands in the line, with the original over it:</p>
<ul>
<li><span class="mask">[MASK]</span> hidden</li>
<li><span class="other">~x</span> another token put in</li>
<li><span class="kept">=x</span> drawn but left as it is</li>
<li><span class="unit">words<small>phrase</small></span> the unit that was drawn</li>
</ul>`

function classesHtml(task: InspectedTask, tasks: readonly InspectedTask[]): Markup {
  const { classNames, predicts } = task
  const signs = predicts === 'labels' ? signsOf(classNames) : classNames.map((_, index) => String(index))
  const where = predicts === 'labels' ? `Labels over the words${rowOf(task, tasks)}` : 'Classes of an input'
  const list = html`<ul>${classNames.map((name, index) =>
    signs[index] === name ? html`<li>${name}</li>` : html`<li><b>${signs[index]}</b> ${name}</li>`,
  )}</ul>`
  if (classNames.length <= fewClasses) return html`<p>${where}:</p>${list}`
  return html`<details><summary>${where}: ${classNames.length}</summary>${list}</details>`
}

function sampleHtml(
  sample: Sample,
  number: number,
  tasks: readonly InspectedTask[],
  language: string,
): Markup {
  const sentenceTask = tasks.find(({ predicts }) => predicts === 'class')
  const masks = tasks.some(({ predicts }) => predicts === 'tokens')
  const rows = Number(masks) + tasks.filter(({ predicts }) => predicts === 'labels').length
  const segments = sample.segments.map(
    (segment, index) => html`
<section class="segment">
<h4>Segment ${index + 1} in slot ${segment.slot}</h4>
<p class="place">${placesOf(segment)}</p>
<p class="text" lang="${language}">${wordsHtml(segment, sample.units, tasks)}</p>
</section>`,
  )
  return html`
<article class="card" style="--rows:${rows}" aria-labelledby="sample-${number}">
<h3 id="sample-${number}">Sample ${number} <small class="faint">${sample.length} tokens</small></h3>
${sentenceTask ? html`<p class="class">${classOf(sample, sentenceTask)}</p>` : null}
${masks ? html`<p class="faint">${maskingOf(sample)}</p>` : null}
${segments}
</article>`
}
