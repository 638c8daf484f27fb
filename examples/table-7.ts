// Table 7 of ERNIE 2.0 in miniature: three ways to pre-train on four tasks with the same iterations of each, five seeds,
// judged on SST-2, MRPC and a sample of MNLI. About 45 minutes of one slow core; run again, it goes on.
//   npx tsx examples/table-7.ts [--data ../shared/data] [--out runs/table-7] [--scale 1]
// --seeds 1,2 does only these: several processes can share the folder and the work.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compareMethods } from '../bench/table-7/compare-methods.ts'
import { runExperiment } from '../bench/table-7/experiment.ts'
import { resultsPage } from '../bench/table-7/page/results-page.ts'
import { Interrupted } from '../bench/table-7/pretraining.ts'
import { settingsAt } from '../bench/table-7/settings.ts'
import { resultsText } from '../bench/table-7/text-table.ts'

const { data, out, scale, ...given } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    out: { type: 'string', default: 'runs/table-7' },
    scale: { type: 'string', default: '1' },
    seeds: { type: 'string' },
  },
}).values
if (!(Number(scale) > 0)) throw new Error(`--scale is ${scale}; a number above 0 is wanted`)
const settings = settingsAt(Number(scale))
mkdirSync(out, { recursive: true })

const wanted = given.seeds
  ?.split(',')
  .map(Number)
  .filter((seed) => settings.seeds.includes(seed))
try {
  for await (const seeds of runExperiment(settings, { data, out: path.resolve(out), seeds: wanted })) {
    const results = compareMethods(settings, seeds)
    writeFileSync(path.join(out, 'table-7.json'), `${JSON.stringify(results, null, 1)}\n`)
    writeFileSync(path.join(out, 'table-7.html'), resultsPage(results))
    console.log(`\n${resultsText(results)}\n\n${path.join(out, 'table-7.html')}`)
  }
} catch (error) {
  if (!(error instanceof Interrupted)) throw error
  console.error(`${error.message}; run it again to go on`)
  process.exitCode = 130
}
