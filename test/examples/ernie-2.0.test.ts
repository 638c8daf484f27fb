import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { DryRun } from '../../lib/train/dry-run/dry-run.ts'
import { readPlan } from '../../lib/train/plan-file.ts'
import { runCommand } from '../helpers/command-line.ts'
import { filesBelow } from '../helpers/tiny-run.ts'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))
const file = (language: string) => path.join(examples, `ernie-2.0-${language}.ts`)
const text = ['knowledge-masking', 'token-document', 'sentence-reordering', 'sentence-distance']

/** Table 2, in millions of tokens, and Table 1. */
const paper = {
  en: {
    learningRate: 5e-5,
    corpora: { encyclopedia: 2021, books: 805, dialogues: 4908, discourse: 171 },
    text: [...text, 'capitalization'],
    own: { discourse: ['discourse-relation'] } as Record<string, string[]>,
    activation: undefined,
  },
  zh: {
    learningRate: 1.28e-4,
    corpora: { encyclopedia: 7378, news: 1478, dialogues: 522, discourse: 1110, search: 4500 },
    text,
    own: { discourse: ['discourse-relation'], search: ['ir-relevance'] } as Record<string, string[]>,
    activation: 'relu',
  },
}

for (const [language, wanted] of Object.entries(paper)) {
  test(`${language}: the settings are the paper's, the file is short`, async (t) => {
    const plan = await readPlan(file(language))
    t.true(readFileSync(file(language), 'utf8').trimEnd().split('\n').length < 60)
    t.like(plan, { tokensPerStep: 393_216, maxLength: 512, precision: 'float16' })
    t.like(plan.encoder, { size: 'base', activation: wanted.activation })
    t.like(plan.optimizer, { beta1: 0.9, beta2: 0.98 })
    t.deepEqual(plan.schedule, {
      type: 'noam',
      learningRate: wanted.learningRate,
      warmup: 4000,
      rewarm: true,
    })
    t.like(plan.iterations, { until: 'converged' })
    const names = plan.tasks.map(({ task }) => task)
    t.is(names[0], 'knowledge-masking')
    t.deepEqual([...names].sort(), [...wanted.text, ...Object.values(wanted.own).flat()].sort())
    for (const [name, weight] of Object.entries(wanted.corpora)) {
      for (const corpora of [plan.corpora, plan.heldOut]) {
        t.deepEqual(
          [...(corpora[name].tasks as string[])].sort(),
          [...(wanted.own[name] ?? wanted.text)].sort(),
        )
      }
      t.is(plan.corpora[name].weight, weight)
    }
  })
}

test('a dry run tells what there is to tell, although no corpus is here, and writes nothing', async (t) => {
  const before = Object.keys(filesBelow(examples))
  const args = [
    'pretrain',
    file('zh'),
    '--dry-run',
    '--json',
    '--pieces',
    '18000',
    '--tokens-per-second',
    '1e5',
    '--gpus',
    '8',
  ]
  const { code, stdout, stderr } = await runCommand(args, { env: { ERNIE_SIZE: 'mini' } })
  t.is(code, 0, stderr)
  const told: DryRun = JSON.parse(stdout)
  t.is(told.stages.length, 6)
  // Every task has all its iterations; each but knowledge masking is new in one stage.
  for (const { steps } of Object.values(told.tasks)) t.is(steps, 100_000)
  t.like(told.stages[0], { steps: 28_575, budgets: { 'knowledge-masking': 28_575 } })
  t.is(told.tokens, told.steps * 393_216)
  t.is(told.corpora.filter(({ corpus }) => corpus === null).length, 5)
  t.is(told.prepare.length, 5)
  t.is(told.prepare.filter((command) => command.includes('--annotate')).length, 3)
  t.is(told.prepare.filter((command) => command.includes('--pairs')).length, 2)
  t.is(told.encoder.vocabularySize, 18_000)
  t.true(told.memory.total > 0 && told.checkpoint.total > 0)
  t.is(told.time.there?.seconds, told.tokens / 8e5)
  t.deepEqual(Object.keys(filesBelow(examples)), before)
})
