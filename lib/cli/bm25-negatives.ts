import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Argv } from 'yargs'
import { readRelevanceRows } from '../data/relevance-rows.ts'
import { shownNegatives } from '../data/shown-negatives.ts'
import { EverlearnError } from '../error.ts'
import type { Command } from './command.ts'

interface Options {
  rows: string
  out: string
  columns: string
  'per-query': number
}

export const bm25Negatives: Command<Options> = {
  command: 'bm25-negatives <rows>',
  describe:
    'Add titles found by BM25 as "shown" to rows of queries and clicked titles, for the task ir-relevance',
  builder: (yargs) =>
    yargs
      .positional('rows', {
        describe: 'TSV file with a header line, plain or .gz',
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
      .option('per-query', { describe: 'Titles to add for a query, at most', type: 'number', default: 4 })
      .example(
        '$0 bm25-negatives rows.tsv --columns first=query,second=title --out rows-shown.tsv',
        '',
      ) as Argv<Options>,

  async run({ rows: path, out, columns, 'per-query': perQuery }) {
    if (!Number.isInteger(perQuery) || perQuery < 1) {
      throw new EverlearnError('USAGE', `--per-query is ${perQuery}; give a whole number from 1`)
    }
    if (existsSync(out))
      throw new EverlearnError('OUT_EXISTS', `${out} exists; choose another name or remove it`)
    const rows = await readRelevanceRows(path, columns)
    const added = shownNegatives(rows, { perQuery })
    const lines = [...rows, ...added].map(({ query, title, label }) => `${query}\t${title}\t${label}\n`)
    writeWhole(out, `query\ttitle\tlabel\n${lines.join('')}`)
    const queries = new Set(rows.map(({ query }) => query)).size
    console.log(`${out}: ${rows.length} rows of ${queries} queries, and ${added.length} more, labelled shown`)
    return 0
  },
}

/** Writes a file all at once, or nothing. */
function writeWhole(path: string, text: string): void {
  const beside = `${path}.tmp-${process.pid}`
  try {
    writeFileSync(beside, text)
    renameSync(beside, path)
  } catch (cause) {
    rmSync(beside, { force: true })
    throw new EverlearnError(
      'OUT_UNWRITABLE',
      `cannot write ${path}: ${(cause as Error).message}; see to room and permissions, or choose another place`,
      { cause },
    )
  }
}
