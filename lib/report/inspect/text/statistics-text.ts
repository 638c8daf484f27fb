import { printable } from '../../text-width.ts'
import type { CorpusStatistics, Histogram, Inspection, TaskBalance } from '../inspection.ts'
import { grouped } from '../numbers.ts'
import {
  binName,
  classesToList,
  describeBalance,
  describeCorpus,
  describeLengths,
  describeSample,
  factsOf,
} from '../statistics-wording.ts'
import { bars } from './bars.ts'
import type { Paint, Style } from './paint.ts'
import { wrapText } from './wrap.ts'

const indent = '  '
const mostClasses = 12

/** The statistics of a corpus for a terminal. */
export function statisticsText(
  inspection: Inspection,
  statistics: CorpusStatistics,
  { paint, width }: { paint: Paint; width: number },
): string[] {
  const { corpus } = inspection
  const lines: string[] = []
  const say = (text: string, { style, start = '' }: { style?: Style; start?: string } = {}) => {
    for (const line of wrapText(printable(text), width, start)) lines.push(style ? paint(style, line) : line)
  }
  const heading = (text: string) => lines.push('', paint('heading', printable(text)))
  const barsOf = (rows: readonly { name: string; count: number }[], total: number) => {
    const shown = rows.map(({ name, count }) => ({ name: printable(name), count }))
    if (rows.length > 0) lines.push(...bars(shown, total, { paint, width, indent }))
  }
  const histogram = (title: string, lengths: Histogram) => {
    heading(title)
    say(describeLengths(lengths), { start: indent })
    barsOf(
      lengths.bins.map((bin) => ({ name: binName(bin), count: bin.count })),
      lengths.count,
    )
  }
  const byDocuments = (title: string, rows: CorpusStatistics['sources'], total: number) => {
    heading(title)
    barsOf(
      rows.map(({ name, documents }) => ({ name, count: documents })),
      total,
    )
  }
  const { sampled } = statistics

  lines.push(paint('title', printable(corpus.directory)))
  say(describeCorpus(corpus))
  const facts = factsOf(corpus, statistics)
  const widest = Math.max(...facts.map(([, value]) => value.length))
  for (const [name, value, remark] of facts) {
    lines.push(`${indent}${name.padEnd(10)}  ${value.padStart(widest)}  ${paint('faint', remark)}`.trimEnd())
  }
  lines.push('')
  say(describeSample(inspection, statistics))

  histogram('document lengths in tokens', statistics.documentLengths)
  histogram('sentence lengths in tokens', statistics.sentenceLengths)
  byDocuments('sources of the documents', statistics.sources, sampled.documents)
  if (statistics.otherSources > 0) say(`and ${grouped(statistics.otherSources)} more`, { start: indent })
  if (statistics.labels.length > 0) byDocuments('labels of the pairs', statistics.labels, sampled.documents)
  heading(`most frequent of ${grouped(statistics.distinctTokens)} different tokens`)
  say(statistics.frequentTokens.map(({ piece, count }) => `${piece} ${grouped(count)}`).join(' · '), {
    start: indent,
  })

  heading('labels of the tasks')
  for (const task of statistics.tasks) {
    if (task.refused !== undefined) continue
    lines.push(`${indent}${paint('title', printable(task.task))}`)
    say(describeBalance(task), { start: indent })
    balance(task)
  }
  for (const { task, refused } of statistics.tasks) {
    if (refused !== undefined) lines.push(printable(`${indent}${task}: ${refused}`))
  }
  return lines

  function balance(task: TaskBalance): void {
    const { shown, more } = classesToList(task, mostClasses)
    barsOf(shown, Math.max(task.labels, 1))
    if (more > 0) say(`and ${more} classes more`, { start: indent })
  }
}
