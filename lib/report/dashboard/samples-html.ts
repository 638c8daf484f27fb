import type {
  Judgement,
  PredictedInput,
  StageSamples,
  TaskPredictions,
} from '../../train/evaluation/sample-predictions.ts'
import { html, type Markup } from '../html/markup.ts'
import { blanksOf } from '../inspect/blanks.ts'
import type { RunReport } from '../run/run-report.ts'
import { formatValue } from './format.ts'
import { runTitle } from './run-title.ts'

const shownJudgements = 8

/** One input of a task with what the model said of it after each stage. */
interface SampledInput {
  input: PredictedInput
  said: { stage: number; judgements: Judgement[] }[]
}

/** Held-out inputs with labels and predictions, stage by stage. */
export function samplesHtml(runs: readonly RunReport[]): Markup {
  return html`
<section aria-labelledby="samples">
<h2 id="samples">Sample predictions</h2>
<p class="faint">The same few held-out inputs after each stage, with the likeliest predictions: ✓ right, ✗ wrong.</p>
<div class="grid wide">${runs.map(runSamplesHtml)}</div>
</section>`
}

function runSamplesHtml(run: RunReport, index: number): Markup {
  const last = run.samples.at(-1)
  const heading = `samples-${index}`
  return html`
<section class="card" aria-labelledby="${heading}">
<h3 id="${heading}">${runTitle(run)}</h3>
${last ? last.tasks.map((task, number) => taskHtml(run.samples, task, `${index}-${number}`, number === 0)) : html`<p class="faint">No stage has ended yet.</p>`}
</section>`
}

function taskHtml(stages: StageSamples[], task: TaskPredictions, id: string, open: boolean): Markup {
  const inputs = task.inputs.map((input, number): SampledInput => {
    const said = stages.flatMap(({ stage, tasks }) => {
      const same = tasks.find((each) => each.task === task.task)?.inputs[number]
      return same ? [{ stage, judgements: same.judgements }] : []
    })
    return { input, said }
  })
  const body = inputs.map(
    (each) => html`
<div class="sample" lang="${task.language}">${inputHtml(task, each)}</div>`,
  )
  const summary = html`<summary>${task.task} <span class="faint">held-out ${task.corpus}</span></summary>`
  return open
    ? html`
<details id="sample-${id}" open>${summary}${body}</details>`
    : html`
<details id="sample-${id}">${summary}${body}</details>`
}

function inputHtml({ kind }: TaskPredictions, sampled: SampledInput): Markup {
  const { input, said } = sampled
  if (kind === 'class')
    return html`
<p class="text">${textHtml(input, new Map())}</p>
<p>It is: <b>${input.judgements[0]?.label ?? '–'}</b></p>
${tableHtml(
  ['after', 'predictions'],
  said.map(({ stage, judgements }) => [`stage ${stage}`, predictionsHtml(judgements[0])]),
)}`
  const shown = input.judgements.filter((judgement) => kind === 'masking' || !isRight(judgement))
  const numbers = new Map(shown.slice(0, shownJudgements).map(({ at }, index) => [at, index + 1]))
  const rows = [...numbers.keys()].map((at, index) => [
    `${index + 1}: ${input.judgements.find((each) => each.at === at)?.label ?? ''}${kind === 'tokens' ? ` (${input.pieces[at]})` : ''}`,
    ...said.map(({ judgements }) => predictionsHtml(judgements.find((each) => each.at === at))),
  ])
  const right = said.map(
    ({ stage, judgements }) =>
      `stage ${stage}: ${judgements.filter(isRight).length} of ${judgements.length} right`,
  )
  return html`
<p class="text">${textHtml(input, numbers)}</p>
<p class="faint">${right.join(' · ')}${kind === 'tokens' ? '; wrong after the last stage are:' : ''}</p>
${rows.length > 0 ? tableHtml([kind === 'masking' ? 'hidden' : 'label', ...said.map(({ stage }) => `after stage ${stage}`)], rows) : null}`
}

function tableHtml(head: string[], rows: (string | Markup)[][]): Markup {
  return html`
<div class="scroll" tabindex="0" role="region" aria-label="Predictions">
<table class="predictions">
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([name, ...cells]) => html`
<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody>
</table>
</div>`
}

function predictionsHtml(judgement: Judgement | undefined): Markup {
  if (!judgement) return html`–`
  const { predictions } = judgement
  // Of two classes the likelier one says all.
  const shown = predictions.length > 2 ? predictions : predictions.slice(0, 1)
  return html`<span class="${isRight(judgement) ? 'right' : 'wrong'}">${isRight(judgement) ? '✓' : '✗'}</span> ${shown.map(
    ({ name, probability }, index) =>
      index === 0
        ? html`<b>${name}</b> ${formatValue(probability, 'share')}`
        : html`<small>, ${name} ${formatValue(probability, 'share')}</small>`,
  )}`
}

const isRight = ({ label, predictions }: Judgement): boolean => predictions[0]?.name === label

/** Pieces as text; those with a number are marked. */
function textHtml({ pieces, length }: PredictedInput, numbers: ReadonlyMap<number, number>): Markup[] {
  const words: number[][] = []
  pieces.forEach((piece, at) => {
    if (piece.startsWith('##') && words.length > 0) words[words.length - 1].push(at)
    else words.push([at])
  })
  const textOf = (at: number, index: number) => (index > 0 ? pieces[at].replace(/^##/, '') : pieces[at])
  const blanks = blanksOf(words.map((word) => word.map(textOf).join('')))
  const shown = words.map((word, index) => {
    const parts = word.map((at, place) => {
      const number = numbers.get(at)
      if (number !== undefined) return html`<mark>${textOf(at, place)}<sup>${number}</sup></mark>`
      return /^\[[A-Z]+\]$/.test(pieces[at]) ? html`<i>${pieces[at]}</i>` : html`${textOf(at, place)}`
    })
    return html`${blanks[index] ? ' ' : ''}${parts}`
  })
  return length > pieces.length ? [...shown, html` … <span class="faint">(${length} tokens)</span>`] : shown
}
