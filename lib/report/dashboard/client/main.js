import { drawChart, shapeOf } from './chart.js'
import { follow, replaceContent } from './live.js'

/**
 * @typedef {import('./chart.js').Chart} Chart
 * @typedef {import('./chart.js').DrawnChart} DrawnChart
 * @typedef {{ runs: import('./chart.js').Run[], charts: Chart[] }} PageData
 */

/** @type {Map<string, DrawnChart>} */
const drawn = new Map()

/** @param {ParentNode} root @returns {PageData} */
const dataIn = (root) => JSON.parse(root.querySelector('#charts')?.textContent ?? '{"runs":[],"charts":[]}')

/** Draws what is new and updates what is there. @param {PageData} data */
function drawAll({ runs, charts }) {
  for (const chart of charts) {
    const place = document.getElementById(`plot-${chart.id}`)
    if (!place) continue
    const before = drawn.get(chart.id)
    if (before) before.update(chart, runs)
    else drawn.set(chart.id, drawChart(place, chart, runs))
  }
}

/** @param {PageData} data */
const statesOf = ({ runs }) =>
  new Map(runs.map(({ name, state, boundaries }) => [name, `${state} ${boundaries.length}`]))

/** @param {string} text @param {boolean} lost */
function say(text, lost) {
  const status = document.getElementById('status')
  if (!status) return
  status.textContent = text
  status.classList.toggle('lost', lost)
}

let data = dataIn(document)

async function refresh() {
  const answer = await fetch(`/live${location.search}`)
  if (!answer.ok) throw new Error(`the dashboard answered ${answer.status}`)
  const main = /** @type {HTMLElement} */ (document.getElementById('main'))
  const parsed = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const next = dataIn(parsed)
  const shapes = new Map(next.charts.map((chart) => [chart.id, shapeOf(chart)]))
  for (const [id, chart] of drawn) {
    if (shapes.get(id) === chart.shape) continue
    chart.close()
    drawn.delete(id)
  }
  const content = /** @type {HTMLElement} */ (parsed.getElementById('main'))
  replaceContent(main, content, (place) => drawn.has(place.dataset.chart ?? ''))
  drawAll(next)
  announce(data, next)
  data = next
}

/** Only what somebody waits for: that a stage or a run has ended. @param {PageData} before @param {PageData} after */
function announce(before, after) {
  const states = statesOf(before)
  const news = after.runs.flatMap(({ name, state, boundaries }) => {
    if (states.get(name) === `${state} ${boundaries.length}`) return []
    const stage = boundaries.at(-1)?.stage
    return [`${name}: ${state}${stage === undefined ? '' : `, stage ${stage} has ended`}.`]
  })
  if (news.length > 0) say(news.join(' '), false)
}

drawAll(data)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const chart of drawn.values()) chart.restyle()
})
if (document.body.dataset.live) follow(refresh, say)
