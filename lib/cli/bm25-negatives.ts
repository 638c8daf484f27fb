import { readFileSync } from 'node:fs'
import type { Argv } from 'yargs'
import { readRelevanceRows } from '../data/relevance-rows.ts'
import { shownNegatives } from '../data/shown-negatives.ts'
import { EverlearnError } from '../error.ts'
import type { Command } from './command.ts'
import { checkOutFile, writeOutFile } from './out-file.ts'
import { parsePairColumns } from './pair-columns.ts'

interface Options {
  rows: string
  out: string
  columns: string
  'per-query': number
  'skip-bad-lines': boolean
  force: boolean
}

const header = 'query\ttitle\tlabel\n'

const isOurs = (file: string) => readFileSync(file, 'utf8').startsWith(header)

export const bm25Negatives: Command<Options> = {
  command: 'bm25-negatives <rows>',
  describe:
    'Add titles found by BM25 as "shown" to rows of queries and clicked titles, for the task ir-relevance',
  builder: (yargs) =>
    yargs
      .positional('rows', {
        describe: 'TSV file with a header line, or JSONL, plain or .gz',
        type: 'string',
        demandOption: true,
      })
      .option('out', {
        describe: 'TSV file to make, with columns query, title, label',
        type: 'string',
        demandOption: true,
      })
      .option('columns', {
        describe: 'Names of its columns; without label= all rows are clicked',
        type: 'string',
        default: 'first=query,second=title,label=label',
      })
      .option('skip-bad-lines', {
        describe: 'Leave out rows that cannot be used, and count them',
        type: 'boolean',
        default: false,
      })
      .option('force', { describe: 'Replace the file that is there', type: 'boolean', default: false })
      .option('per-query', { describe: 'Titles to add for a query, at most', type: 'number', default: 4 })
      .example(
        '$0 bm25-negatives rows.tsv --columns first=query,second=title --out rows-shown.tsv',
        '',
      ) as Argv<Options>,

  async run({ rows: path, out, columns, 'per-query': perQuery, 'skip-bad-lines': skip, force }) {
    if (!Number.isInteger(perQuery) || perQuery < 1) {
      throw new EverlearnError('USAGE', `--per-query is ${perQuery}; give a whole number from 1`)
    }
    const place = { force, mayReplace: isOurs }
    checkOutFile(out, place)
    let bad = 0
    const rows = await readRelevanceRows(path, parsePairColumns(columns), (error) => {
      if (!skip) throw error
      bad++
    })
    const added = shownNegatives(rows, { perQuery })
    const lines = [...rows, ...added].map(({ query, title, label }) => `${query}\t${title}\t${label}\n`)
    await writeOutFile(out, header + lines.join(''), place)
    const queries = new Set(rows.map(({ query }) => query)).size
    console.log(`${out}: ${rows.length} rows of ${queries} queries, and ${added.length} more, labelled shown`)
    if (bad > 0) console.log(`${bad} bad lines were left out`)
    return 0
  },
}
