import { html, type Markup } from '../../../lib/report/html/markup.ts'
import type { Table7 } from '../compare-methods.ts'

/** How the experiment was set up, and its whole settings. */
export function settingsHtml({ settings, seeds }: Table7): Markup {
  const { probes, fineTuning, plan, text, vocabularySize } = settings
  const facts: [string, string][] = [
    ['text', `${text}, cut into ${vocabularySize} pieces learned from it`],
    ['encoder', JSON.stringify(plan.encoder).replaceAll(/[{}"]/g, '').replaceAll(/[:,]/g, '$& ')],
    ['step', `${plan.tokensPerStep} tokens (393,216 in the paper)`],
    ['seeds', seeds.join(', ')],
    ...probes.map(({ task, rows, epochs }): [string, string] => [
      task.name,
      `${rows} training rows, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}, ${fineTuning.batchSize} rows a step, learning rate ${fineTuning.learningRate}`,
    ]),
  ]
  return html`
<section aria-labelledby="settings">
<h2 id="settings">Settings</h2>
<div class="card">
<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<details><summary>All of them</summary><pre class="scroll" tabindex="0">${JSON.stringify(settings, null, 1)}</pre></details>
</div>
</section>`
}
