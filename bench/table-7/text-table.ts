import type { MethodFigures, Table7 } from './compare-methods.ts'
import { type Way, wayNames } from './probing.ts'
import {
  comparisonSentence,
  gainSentence,
  methodNames,
  percent,
  spread,
  verdictSentence,
  wayTitles,
} from './wording.ts'

/** The results as text: a table of the probes for each way of judging, then what the order is found to be. */
export function resultsText(results: Table7): string {
  const title = `seeds ${results.seeds.join(', ')}; accuracy in %, mean ± standard deviation`
  const parts = wayNames.map((way) => [
    `${wayTitles[way]}:`,
    ...aligned(rowsOf(results, way)),
    ...results.orders[way].comparisons.map(comparisonSentence),
    ...results.orders[way].gains.map(gainSentence),
  ])
  return [title, ...parts.flatMap((part) => ['', ...part]), '', verdictSentence(results)].join('\n')
}

function rowsOf({ methods, majority }: Table7, way: Way): string[][] {
  const probes = Object.keys(majority)
  return [
    ['', ...probes, 'average', 'steps', 'tokens'],
    ...methods.map((each) => rowOf(each, way, probes)),
    ['commonest class', ...probes.map((probe) => percent(majority[probe])), '', '', ''],
  ]
}

const rowOf = ({ method, steps, tokens, scores }: MethodFigures, way: Way, probes: string[]): string[] => [
  methodNames[method],
  ...probes.map((name) => spread(scores[way].probes[name])),
  spread(scores[way].average),
  steps === 0 ? '-' : steps.toFixed(0),
  tokens === 0 ? '-' : `${(tokens / 1e6).toFixed(2)} M`,
]

function aligned(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)))
  return rows.map((cells) =>
    cells
      .map((text, column) => (column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  )
}
