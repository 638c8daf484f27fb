// Prepares the sample text, trains a small encoder in two stages, and says what it has learned: `npm start`.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  duration,
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
const began = performance.now()

if (!isPrepared()) {
  const { counts } = await prepare({
    inputs: [here('quickstart/data/encyclopedia.txt.gz'), here('quickstart/data/books.txt.gz')],
    vocabulary: here('quickstart/data/vocab.txt.gz'),
    out: path.join(folder, 'corpus'),
    language: 'en',
    lowerCase: true,
    heldOut: 0.1,
    force: true,
  })
  console.log(`prepared ${counts.documents} documents of ${counts.tokens} tokens in ${folder}/corpus`)
}

let number = 1
while (await isFinished(path.join(folder, `run-${number}`))) number++
const directory = path.join(folder, `run-${number}`)
const goesOn = existsSync(directory)
console.log(goesOn ? `going on with ${directory}` : `a new run: ${directory}`)
const run = goesOn
  ? await resume(directory)
  : await pretrain(await readPlan(here('quickstart/plan.ts')), directory)
showProgress(run.trainer.events)
process.once('SIGINT', () => run.trainer.stop())
const { checkpoint, stopped } = await run.trainer.run()
const { evaluations, tokens } = run.trainer.session.state
run.close()

const seconds = (performance.now() - began) / 1000
console.log(`
${summaryOf(evaluations)}

${stopped ? 'stopped' : 'done'} after ${duration(seconds)}, ${tokens} tokens in all steps
model: ${checkpoint} (transformers' ErnieModel.from_pretrained reads it)
next:  npm start ${stopped ? 'goes on with this run' : 'trains another one'}; node bin/everlearn.mjs --help`)

function isPrepared(): boolean {
  try {
    for (const part of ['train', 'held-out'])
      openCorpus(path.join(folder, 'corpus', part), { verify: true }).close()
    return true
  } catch {
    return false
  }
}
