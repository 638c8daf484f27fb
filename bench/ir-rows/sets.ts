// Public sets of queries and titles as rows for the task ir-relevance.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type RelevanceRow, shownNegatives } from '../../lib/index.ts'

/** Judged titles are clicked, those that BM25 finds among the others are shown. */
function cranfieldRows(folder: string): RelevanceRow[] {
  const titles = smartRecords(read(path.join(folder, 'cran.all.1400'))).map(({ T }) => T)
  const queries = smartRecords(read(path.join(folder, 'cran.qry'))).map(({ W }) => W)
  const clicked: RelevanceRow[] = []
  for (const line of read(path.join(folder, 'cranqrel')).trim().split('\n')) {
    // Query numbers are places in the file. -1 stands for "of minimum interest".
    const [query, document, relevance] = line.trim().split(/\s+/).map(Number)
    const [text, title] = [queries[query - 1], titles[document - 1]]
    if (relevance > 0 && title) clicked.push({ query: text, title, label: 'clicked' })
  }
  return [...clicked, ...shownNegatives(clicked, { titles: titles.filter(Boolean), perQuery: 8 })]
}

/** The fields of the records of a SMART file: `.I number`, then `.T`, `.W` … each followed by its lines. */
function smartRecords(text: string): Record<string, string>[] {
  return text
    .split(/^\.I .*$/m)
    .slice(1)
    .map((record) => {
      const fields = record.split(/^\.([A-Z])\s*$/m).slice(1)
      const pairs = fields.flatMap((name, index) =>
        index % 2 === 0
          ? [
              [
                name,
                fields[index + 1]
                  .replace(/\s+/g, ' ')
                  .replace(/ \.\s*$/, '')
                  .trim(),
              ],
            ]
          : [],
      )
      return Object.fromEntries(pairs)
    })
}

function dureaderRows(file: string): RelevanceRow[] {
  const [header, ...lines] = read(file)
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
  const column = (name: string) => header.indexOf(name)
  return lines
    .filter((cells) => cells[column('title')]?.trim())
    .map((cells) => ({
      query: cells[column('query')],
      title: cells[column('title')],
      label: cells[column('is_selected')] === '1' ? 'clicked' : 'shown',
    }))
}

function read(file: string): string {
  const bytes = readFileSync(existsSync(file) ? file : `${file}.gz`)
  const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
  return text.toString('utf8').replaceAll('\r\n', '\n')
}

export const sets: Record<string, (from: string) => RelevanceRow[]> = {
  cranfield: cranfieldRows,
  dureader: dureaderRows,
}

/** The rows as a table with the columns query, title, label. */
export const tableOf = (rows: readonly RelevanceRow[]): string =>
  ['query\ttitle\tlabel', ...rows.map(({ query, title, label }) => `${query}\t${title}\t${label}`), ''].join(
    '\n',
  )
