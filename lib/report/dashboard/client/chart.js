import { formatTicks } from './format.js'
import { readoutAt } from './readout.js'
import { alignSeries, smooth, smoothing } from './series.js'

/**
 * @typedef {import('./format.js').Format} Format
 * @typedef {import('./series.js').ChartSeries} ChartSeries
 * @typedef {{ id: string, title: string, format: Format, logarithmic?: boolean, series: ChartSeries[] }} Chart
 * @typedef {{ step: number, stage: number }[]} Boundaries
 * @typedef {{ name: string, state: string, step: number, boundaries: Boundaries }} Run
 * @typedef {{ update(chart: Chart, runs: Run[]): void, restyle(): void, close(): void, shape: string }} DrawnChart
 */

/** Dashes of the runs, as the style sheet has them for the list of lines. */
const dashes = [[], [9, 3], [4, 3], [12, 3, 3, 3], [6, 2, 2, 2, 2, 2], [2, 2]]
const height = 208
/** What values of an axis may be apart, where it is not any number: whole MiB, whole things. @type {Partial<Record<Format, number[]>>} */
const distances = {
  bytes: Array.from({ length: 24 }, (_, power) => 2 ** (20 + power)),
  count: Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat(),
}

/** @param {string} name */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
/** @param {number} run */
const runColour = (run) => colour(`run-${run < 0 ? 'none' : run % dashes.length}`)

/** Whether two charts differ in values only. @param {Chart} chart */
export const shapeOf = ({ series }) =>
  series.map(({ run, name, look }) => `${run} ${name} ${look}`).join('\n')

/**
 * Draws a chart into its place on the page.
 *
 * @param {HTMLElement} place
 * @param {Chart} first
 * @param {Run[]} firstRuns
 * @returns {DrawnChart}
 */
export function drawChart(place, first, firstRuns) {
  let chart = first
  let runs = firstRuns
  let aligned = alignSeries(chart.series)
  /** The step that was chosen by keys. @type {number | null} */
  let chosen = null
  const plot = new uPlot(optionsOf(), dataOf(), place)
  const resizing = new ResizeObserver(() => plot.setSize({ width: widthOf(place), height }))
  resizing.observe(place)
  makeSlider()

  /** Every line twice: as logged and smoothed. @returns {uPlot.AlignedData} */
  function dataOf() {
    const ys = aligned.ys.flatMap((y, index) =>
      chart.series[index].look === 'line' ? [y, smooth(y, smoothing(chart.series[index].x.length))] : [y],
    )
    return [aligned.x, ...ys]
  }

  /** @returns {uPlot.Options} */
  function optionsOf() {
    const axis = {
      stroke: () => colour('faint'),
      grid: { stroke: () => colour('line'), width: 1 },
      ticks: { show: false },
    }
    const incrs = distances[chart.format]
    return {
      width: widthOf(place),
      height,
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
      scales: {
        x: { time: false, range: (self, low, high) => wholeRange(self, low, high) },
        y: chart.logarithmic ? { distr: 3 } : { range: (_, low, high) => rangeOf(low, high, chart.format) },
      },
      axes: [
        { ...axis, values: (_, values) => formatTicks(values, 'count'), size: 28, gap: 4 },
        {
          ...axis,
          values: (_, values) => formatTicks(values, chart.format),
          size: sizeOfAxis,
          gap: 6,
          ...(incrs ? { incrs } : {}),
          ...(chart.logarithmic ? { grid: { ...axis.grid, filter: powersOfTen } } : {}),
        },
      ],
      series: [{}, ...chart.series.flatMap(seriesOptions)],
      hooks: { drawAxes: [drawBoundaries], setCursor: [() => showValues(indexOfCursor())] },
    }
  }

  /**
   * All of the steps unless a part was chosen: charts can then be compared.
   *
   * @param {uPlot} self
   * @param {number | null} low
   * @param {number | null} high
   * @returns {[number, number]}
   */
  function wholeRange({ data: [x] }, low, high) {
    if (low === null || high === null) return [0, 1]
    return low === x[0] && high === x[x.length - 1] ? allSteps() : [low, high]
  }

  /** @returns {[number, number]} */
  function allSteps() {
    return [0, Math.max(...runs.map(({ step }) => step), ...aligned.x.slice(-1))]
  }

  /** @param {uPlot} self */
  function drawBoundaries(self) {
    const { ctx, bbox } = self
    const ratio = uPlot.pxRatio
    const alike = runs.every(
      ({ boundaries }) => JSON.stringify(boundaries) === JSON.stringify(runs[0].boundaries),
    )
    ctx.save()
    ctx.font = `${11 * ratio}px system-ui, sans-serif`
    ctx.textAlign = 'right'
    ctx.textBaseline = 'top'
    for (const [number, { boundaries }] of (alike ? runs.slice(0, 1) : runs).entries()) {
      ctx.strokeStyle = alike ? colour('faint') : runColour(number)
      ctx.fillStyle = ctx.strokeStyle
      ctx.lineWidth = ratio
      for (const { step, stage } of boundaries) {
        const x = Math.round(self.valToPos(step, 'x', true))
        if (x <= bbox.left || x > bbox.left + bbox.width + 1) continue
        ctx.globalAlpha = 0.55
        ctx.setLineDash([2 * ratio, 3 * ratio])
        ctx.beginPath()
        ctx.moveTo(x, bbox.top)
        ctx.lineTo(x, bbox.top + bbox.height)
        ctx.stroke()
        ctx.globalAlpha = 1
        if (alike) ctx.fillText(String(stage), x - 3 * ratio, bbox.top)
      }
    }
    ctx.restore()
  }

  /** @param {number | null} index */
  function showValues(index) {
    const at = index ?? aligned.x.length - 1
    const { values, text } = readoutAt(chart.series, aligned, chart.format, index)
    // The list below is new after an update, the place is not.
    place
      .closest('figure')
      ?.querySelectorAll('[data-value]')
      .forEach((output, number) => {
        output.textContent = values[number]
      })
    place.setAttribute('aria-valuenow', String(aligned.x[at]))
    place.setAttribute('aria-valuetext', text)
  }

  /** The place of the cursor, moved by keys. */
  function makeSlider() {
    place.tabIndex = 0
    place.setAttribute('role', 'slider')
    place.setAttribute('aria-labelledby', `title-${chart.id}`)
    place.setAttribute('aria-roledescription', 'chart')
    setRange()
    showValues(null)
    place.addEventListener('keydown', (event) => {
      const index = indexOfCursor() ?? aligned.x.length - 1
      const end = aligned.x.length - 1
      const page = Math.max(1, Math.round(end / 10))
      /** @type {Record<string, number>} */
      const moves = {
        ArrowLeft: index - 1,
        ArrowDown: index - 1,
        ArrowRight: index + 1,
        ArrowUp: index + 1,
        PageDown: index - page,
        PageUp: index + page,
        Home: 0,
        End: end,
      }
      if (event.key === 'Escape') {
        const [min, max] = allSteps()
        plot.setScale('x', { min, max })
        leave()
      } else if (event.key in moves && !event.altKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault()
        moveTo(Math.min(end, Math.max(0, moves[event.key])))
      }
    })
    place.addEventListener('pointermove', () => {
      chosen = null
    })
    place.addEventListener('blur', () => {
      if (!place.dataset.moving) leave()
    })
  }

  /** What keys have chosen goes before what the pointer is over. @returns {number | null} */
  function indexOfCursor() {
    const index = chosen === null ? -1 : aligned.x.indexOf(chosen)
    return index < 0 ? (plot.cursor.idx ?? null) : index
  }

  function leave() {
    chosen = null
    plot.setCursor({ left: -10, top: -10 })
  }

  /** @param {number} index */
  function moveTo(index) {
    chosen = aligned.x[index]
    plot.setCursor({ left: plot.valToPos(aligned.x[index], 'x'), top: 0 })
    showValues(index)
  }

  function setRange() {
    place.setAttribute('aria-valuemin', String(aligned.x[0]))
    place.setAttribute('aria-valuemax', String(aligned.x[aligned.x.length - 1]))
  }

  return {
    shape: shapeOf(chart),
    update(next, nextRuns) {
      const [low, high] = allSteps()
      const zoomed = plot.scales.x.min !== low || plot.scales.x.max !== high
      chart = next
      runs = nextRuns
      aligned = alignSeries(chart.series)
      plot.setData(dataOf(), !zoomed)
      if (zoomed) plot.redraw()
      setRange()
      // Once the new scale holds.
      queueMicrotask(() => {
        const at = indexOfCursor()
        if (chosen !== null && at !== null) moveTo(at)
        else showValues(at)
      })
    },
    restyle: () => plot.redraw(),
    close() {
      resizing.disconnect()
      plot.destroy()
    },
  }
}

/** @param {ChartSeries} series @returns {uPlot.Series[]} */
function seriesOptions({ run, look, x }) {
  const stroke = () => runColour(run)
  const dash = dashes[Math.max(0, run) % dashes.length]
  const alone = { show: x.length < 2 }
  if (look === 'line') {
    return [
      {
        stroke: () => `color-mix(in srgb, ${runColour(run)} 32%, transparent)`,
        width: 1,
        spanGaps: true,
        points: { show: false },
      },
      { stroke, width: 2, dash, spanGaps: true, points: { ...alone, size: 6 } },
    ]
  }
  if (look === 'level') return [{ stroke, width: 1.5, dash: [2, 4], spanGaps: true, points: { show: false } }]
  if (look === 'steps') return [{ stroke, width: 2, dash, spanGaps: true, points: { ...alone, size: 6 } }]
  return [
    {
      stroke,
      width: 1.5,
      dash,
      spanGaps: true,
      points: { show: true, size: 8, fill: stroke, stroke: () => colour('card'), width: 1.5 },
    },
  ]
}

/** @param {HTMLElement} place */
const widthOf = (place) => Math.max(160, Math.floor(place.clientWidth))

/**
 * Room above and below; of what is counted, all from zero.
 *
 * @param {number | null} low
 * @param {number | null} high
 * @param {Format} format
 * @returns {[number, number]}
 */
function rangeOf(low, high, format) {
  if (low === null || high === null) return [0, 1]
  if (distances[format]) return [0, Math.max(1, 1.08 * high)]
  const room = high > low ? 0.08 * (high - low) : 0.1 * Math.abs(high) || 1
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room]
}

/** @param {uPlot} _ @param {number[]} values */
const powersOfTen = (_, values) => values.map((value) => (Number.isInteger(Math.log10(value)) ? value : null))

/**
 * As wide as its longest value.
 *
 * @param {uPlot} self
 * @param {string[] | null} values
 * @param {number} axis
 */
function sizeOfAxis(self, values, axis) {
  const longest = (values ?? []).reduce((a, b) => (b.length > a.length ? b : a), '')
  self.ctx.font = self.axes[axis].font?.[0] ?? '12px sans-serif'
  return Math.ceil(self.ctx.measureText(longest).width / uPlot.pxRatio) + 14
}
