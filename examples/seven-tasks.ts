// All seven tasks (six in Chinese, which has no capitals) on several corpora, one stage for each task:
//   npx tsx examples/seven-tasks.ts --data ../shared/data --ir rows.tsv --out runs/seven [--language zh] [--iterations 40]
// Running text serves the token tasks and those of its structure, labelled pairs their own task: the paper's Table 1.
// `rows.tsv` has columns query, title, label; `bench/ir-rows.ts` makes it of Cranfield 1400 or of DuReader's titles.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import {
  checkPlan,
  openCorpus,
  type Plan,
  type PrepareOptions,
  prepare,
  pretrain,
  showProgress,
  summaryOf,
} from '../lib/index.ts'

const string = (value: string) => ({ type: 'string', default: value }) as const
const { values: given } = parseArgs({
  options: {
    data: string('../shared/data'),
    ir: string('rows.tsv'),
    out: string('runs/seven'),
    language: string('en'),
    iterations: string('40'),
  },
})
const language = given.language === 'zh' ? 'zh' : 'en'
const at = (...files: string[]) => files.map((file) => path.join(given.data, file))
const pairs = (first: string, second: string) =>
  ({ format: 'tsv', pairs: { first, second, label: 'label' }, skipBadLines: true }) as const

const corpora: Record<'en' | 'zh', Record<string, Partial<PrepareOptions>>> = {
  en: {
    encyclopedia: { inputs: at('pretrain/en-encyclopedia/*.gz'), annotate: true },
    books: { inputs: at('pretrain/en-books/*.gz'), annotate: true },
    dialog: { inputs: at('pretrain/en-dialog/*.gz'), annotate: true },
    discourse: {
      inputs: at('discourse/disrpt2023-eng.dep.scidtb/*_train.rels.gz'),
      ...pairs('unit1_txt', 'unit2_txt'),
    },
    ir: { inputs: [given.ir], ...pairs('query', 'title') },
  },
  zh: {
    encyclopedia: { inputs: at('pretrain/zh-encyclopedia/*.gz'), annotate: true },
    news: { inputs: at('pretrain/zh-news/*.gz'), annotate: true },
    dialog: { inputs: at('pretrain/zh-dialog/*.gz'), annotate: true },
    discourse: {
      inputs: at('discourse/disrpt2023-zho.rst.gcdt/*_train.rels.gz'),
      ...pairs('unit1_txt', 'unit2_txt'),
    },
    ir: { inputs: [given.ir], ...pairs('query', 'title') },
  },
}
const vocabulary = { en: at('vocab/ernie-2.0-vocab_en.txt.gz')[0], zh: at('vocab/ernie-vocab_zh.txt.gz')[0] }[
  language
]
const names = Object.keys(corpora[language])
const folder = (name: string, part: string) => path.join(`${given.out}-corpora`, name, part)
for (const name of names) {
  if (existsSync(folder(name, 'train'))) continue
  const from = {
    inputs: [],
    vocabulary,
    language,
    lowerCase: true,
    heldOut: 0.05,
    ...corpora[language][name],
  }
  const { counts, megabytesPerSecond } = await prepare({
    ...from,
    out: path.join(`${given.out}-corpora`, name),
  })
  console.log(
    `${name}: ${counts.documents} documents, ${counts.tokens} tokens, ${megabytesPerSecond.toFixed(1)} MB/s`,
  )
}

const discourse = openCorpus(folder('discourse', 'train'))
const paths = (part: string) => Object.fromEntries(names.map((name) => [name, folder(name, part)]))
const plan = {
  encoder: 'mini',
  corpora: paths('train'),
  heldOut: paths('held-out'),
  tasks: [
    {
      task: 'knowledge-masking',
      levels: [
        { from: 0, basic: 1 },
        { from: 1, basic: 1, phrase: 1, entity: 1 },
      ],
    },
    ...(language === 'en' ? ['capitalization'] : []),
    'token-document',
    'sentence-reordering',
    'sentence-distance',
    { task: 'discourse-relation', labels: [...discourse.labels] },
    'ir-relevance',
  ],
  iterations: Number(given.iterations),
  tokensPerStep: 1024,
  schedule: { type: 'linear', learningRate: 1e-3, warmup: 20 },
  evaluate: { sequences: 256 },
} satisfies Plan
discourse.close()

const run = await pretrain(checkPlan(plan, process.cwd()), given.out)
showProgress(run.trainer.events)
await run.trainer.run()
console.log(summaryOf(run.trainer.session.state.evaluations))
run.close()
