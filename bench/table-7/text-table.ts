import type { MethodFigures, Table7 } from './compare-methods.ts'
import { comparisonSentence, methodNames, percent, spread, verdictSentence } from './wording.ts'

/** The results as text: a table of the probes, then what the order is found to be. */
export function resultsText(results: Table7): string {
  const probes = Object.keys(results.majority)
  const rows = [
    ['', 'steps', 'tokens', ...probes, 'average'],
    ...results.methods.map((each) => row(each, probes)),
    ['commonest class', '', '', ...probes.map((probe) => percent(results.majority[probe])), ''],
  ]
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)))
  const table = rows.map((cells) =>
    cells
      .map((text, column) => (column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  )
  return [
    `seeds ${results.seeds.join(', ')}; accuracy in %, mean ± standard deviation`,
    ...table,
    ...results.comparisons.map(comparisonSentence),
    verdictSentence(results),
  ].join('\n')
}

const row = ({ method, steps, tokens, probes, average }: MethodFigures, names: string[]): string[] => [
  methodNames[method],
  steps === 0 ? '-' : steps.toFixed(0),
  tokens === 0 ? '-' : `${(tokens / 1e6).toFixed(2)} M`,
  ...names.map((name) => spread(probes[name])),
  spread(average),
]
