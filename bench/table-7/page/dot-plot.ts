import { html, type Markup } from '../../../lib/report/html/markup.ts'
import type { Scores } from '../compare-methods.ts'
import { percent } from '../wording.ts'

const width = 360
const rowHeight = 34
const left = 8
const top = 6

/** A row of dots for each method, one a seed; a bar at their mean. The table beside it has the same figures. */
export function dotPlot(
  rows: readonly { name: string; scores: Scores }[],
  reference: { name: string; value: number },
): Markup {
  const values = [...rows.flatMap(({ scores }) => scores.values), reference.value]
  const { low, high, step } = scaleOf(Math.min(...values), Math.max(...values))
  const x = (value: number) => (left + ((value - low) / (high - low)) * (width - 2 * left)).toFixed(1)
  const bottom = top + rows.length * rowHeight
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step)
  const meaning = rows.map(({ name, scores }) => `${name} ${percent(scores.mean)}`).join(', ')
  return html`
<svg class="plot" viewBox="0 0 ${width} ${bottom + 20}" role="img" aria-label="Scores in per cent: ${meaning}">
${ticks.map(
  (tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${top}" y2="${bottom}"/>
<text class="axis" x="${x(tick)}" y="${bottom + 14}" text-anchor="middle">${(100 * tick).toFixed(0)}</text>
`,
)}<line class="majority" x1="${x(reference.value)}" x2="${x(reference.value)}" y1="${top}" y2="${bottom}"><title>${reference.name}: ${percent(reference.value)}</title></line>
${rows.map(({ name, scores }, index) => {
  const base = top + index * rowHeight
  const middle = base + 24
  return html`<text x="${left}" y="${base + 12}">${name}</text>
${scores.values.map((value) => html`<circle cx="${x(value)}" cy="${middle}" r="4.5"/>`)}
<line class="mean" x1="${x(scores.mean)}" x2="${x(scores.mean)}" y1="${middle - 8}" y2="${middle + 8}"/>
`
})}</svg>`
}

/** Round ends around the values, and how far ticks are apart. */
function scaleOf(least: number, most: number): { low: number; high: number; step: number } {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2].find((each) => (most - least) / each <= 6) ?? 0.25
  const low = Math.floor((least - step / 4) / step) * step
  return { low, high: Math.max(low + step, Math.ceil((most + step / 4) / step) * step), step }
}
