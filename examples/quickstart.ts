// Prepares the sample text, trains a small encoder in two stages, and says what it has learned: `npm start`.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  isFinished,
  openCorpus,
  prepare,
  pretrain,
  readPlan,
  resume,
  showProgress,
  summaryOf,
} from '../lib/index.ts'

const here = (file: string) => path.relative('', fileURLToPath(new URL(file, import.meta.url)))
const folder = here('../runs/quickstart')
const corpus = path.join(folder, 'corpus')

if (!['train', 'held-out'].every((part) => isCorpus(path.join(corpus, part)))) {
  const { counts } = await prepare({
    inputs: ['encyclopedia', 'books', 'dialogues'].map((kind) => here(`quickstart/data/${kind}.txt.gz`)),
    vocabulary: here('quickstart/data/vocab.txt.gz'),
    out: corpus,
    language: 'en',
    lowerCase: true,
    heldOut: 0.1,
    force: true,
  })
  console.log(`prepared ${counts.documents} documents of ${counts.tokens} tokens: ${corpus}`)
}

// The first run that is not finished: one that was interrupted goes on, else a new one begins.
let number = 1
while (await isFinished(path.join(folder, `run-${number}`))) number++
const directory = path.join(folder, `run-${number}`)
const begun = existsSync(path.join(directory, 'plan.json'))
console.log(begun ? `going on with ${directory}` : `a new run: ${directory}`)
const plan = await readPlan(here('quickstart/plan.ts'))
const run = begun ? await resume(directory) : await pretrain(plan, directory)

showProgress(run.trainer.events)
process.once('SIGINT', () => run.trainer.stop())
const { checkpoint, stopped, tokensPerSecond } = await run.trainer.run()
const { evaluations } = run.trainer.session.state
run.close()

console.log(`
${summaryOf(evaluations)}

${stopped ? 'stopped' : 'done'}; ${Math.round(tokensPerSecond)} tokens/s
model: ${checkpoint} (transformers reads it: ErnieModel.from_pretrained)
next:  npm start ${stopped ? 'goes on with this run' : 'trains another one'}; node bin/everlearn.mjs --help; docs/plans.md`)

function isCorpus(directory: string): boolean {
  try {
    openCorpus(directory, { verify: true }).close()
    return true
  } catch {
    return false
  }
}
