// Turns public sets of queries and titles into rows for the task ir-relevance:
//   tsx bench/ir-rows.ts cranfield FOLDER OUT.tsv    Cranfield 1400 (cran.all.1400, cran.qry, cranqrel; .gz too)
//   tsx bench/ir-rows.ts dureader FILE OUT.tsv       DuReader's titles (columns query, title, is_selected; .gz too)
import { writeFileSync } from 'node:fs'
import { sets, tableOf } from './ir-rows/sets.ts'

const [set, from, out] = process.argv.slice(2)
if (!Object.hasOwn(sets, set) || !out)
  throw new Error('give cranfield FOLDER OUT.tsv or dureader FILE OUT.tsv')
const rows = sets[set](from)
writeFileSync(out, tableOf(rows))
for (const label of ['clicked', 'shown']) console.log(label, rows.filter((row) => row.label === label).length)
