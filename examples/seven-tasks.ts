// All seven tasks (six in Chinese, which has no capitals) on several corpora, one stage for each task:
//   npx tsx examples/seven-tasks.ts --data ../shared/data --ir rows.tsv --out runs/seven [--language zh] [--iterations 40]
// Running text serves the token tasks and those of its structure, labelled pairs their own task: the paper's Table 1.
// `bench/ir-rows.ts` makes `rows.tsv` of Cranfield 1400 or of DuReader's titles.
import path from 'node:path'
import { parseArgs } from 'node:util'
import {
  checkPlan,
  type Language,
  openCorpus,
  type Plan,
  pretrain,
  showProgress,
  summaryOf,
} from '../lib/index.ts'
import { prepareAll } from './seven-tasks/corpora.ts'

const { data, ir, out, ...given } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    ir: { type: 'string', default: 'rows.tsv' },
    out: { type: 'string', default: 'runs/seven' },
    language: { type: 'string', default: 'en' },
    iterations: { type: 'string', default: '40' },
  },
}).values
const language: Language = given.language === 'zh' ? 'zh' : 'en'
const folders = await prepareAll({ data, ir, out: `${out}-corpora`, language })
const parts = (part: string) =>
  Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, path.join(folder, part)]))
const { labels } = openCorpus(path.join(folders.discourse, 'train'))

const units = [
  { from: 0, basic: 1 },
  { from: 1, basic: 1, phrase: 1, entity: 1 },
]
const plan = {
  encoder: 'mini',
  corpora: parts('train'),
  heldOut: parts('held-out'),
  tasks: [
    { task: 'knowledge-masking', levels: units },
    ...(language === 'en' ? ['capitalization'] : []),
    'token-document',
    'sentence-reordering',
    'sentence-distance',
    { task: 'discourse-relation', labels: [...labels] },
    'ir-relevance',
  ],
  iterations: Number(given.iterations),
  tokensPerStep: 1024,
  schedule: { type: 'linear', learningRate: 1e-3, warmup: 20 },
  evaluate: { sequences: 256 },
} satisfies Plan

const run = await pretrain(checkPlan(plan, process.cwd()), out)
showProgress(run.trainer.events)
await run.trainer.run()
console.log(summaryOf(run.trainer.session.state.evaluations))
run.close()
