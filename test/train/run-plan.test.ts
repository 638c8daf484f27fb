import test from 'ava'
import type { Plan } from '../../lib/train/plan.ts'
import { checkPlan, planHash, plannedTask } from '../../lib/train/run-plan.ts'

const plan: Plan = {
  corpora: { books: 'corpora/books' },
  tasks: ['knowledge-masking', { task: './mine.ts', name: 'mine', weight: 2, depth: 3 }],
  iterations: 10,
}

test('a plan is filled in, and its paths start from its folder', (t) => {
  const full = checkPlan(plan, '/plans')
  t.deepEqual(full.corpora, { books: { path: '/plans/corpora/books', weight: 1 } })
  t.deepEqual(full.encoder, { size: 'base' })
  t.deepEqual(full.tasks[1], { task: '/plans/mine.ts', name: 'mine', weight: 2, depth: 3 })
  t.deepEqual(plannedTask(full.tasks[1]), {
    description: { task: '/plans/mine.ts', name: 'mine', options: { depth: 3 } },
    weight: 2,
  })
  t.is(full.optimizer.beta2, 0.98)
  t.is(full.microBatch.tokens % 64, 0)
})

test('a pass of a large encoder has fewer tokens, so that it is over soon', (t) => {
  const tokens = (encoder: Plan['encoder']) =>
    checkPlan({ ...plan, encoder, tokensPerStep: 393_216 }, '/plans').microBatch.tokens
  t.deepEqual(
    ['mini', 'small', 'base', 'large'].map((size) => tokens(size as 'mini')),
    [4096, 4096, 576, 192],
  )
  t.is(tokens({ layers: 2, hiddenSize: 64, heads: 2 }), 4096)
  const gpu = checkPlan({ ...plan, encoder: 'large', tokensPerStep: 393_216, device: 'cuda' }, '/plans')
  t.is(gpu.microBatch.tokens, 16_384)
})

test('a filled-in plan read again is the same', (t) => {
  const full = checkPlan({ ...plan, encoder: { from: 'model' }, heldOut: { books: 'held' } }, '/plans')
  t.deepEqual(checkPlan(JSON.parse(JSON.stringify(full)), '/elsewhere'), full)
})

test('the hash is of what decides results', (t) => {
  const hash = (changes: Partial<Plan>) => planHash(checkPlan({ ...plan, ...changes }, '/plans'))
  t.is(hash({}), hash({ workers: 0, log: { every: 1 }, checkpoint: { every: 7 }, name: 'other' }))
  t.is(hash({}), hash({ activationCheckpointing: true }))
  t.is(hash({}), hash({ corpora: { books: '/moved/books' } }))
  const full = checkPlan(plan, '/plans')
  const other = Object.fromEntries(Object.entries(full).reverse())
  t.is(planHash(other as unknown as typeof full), planHash(full), 'the order of keys')
  for (const changes of [
    { seed: 2 },
    { iterations: 11 },
    { dropout: 0.2 },
    { corpora: { books: { path: 'corpora/books', weight: 2 } } },
    { schedule: { warmup: 5 } },
  ]) {
    t.not(hash({}), hash(changes), JSON.stringify(changes))
  }
})

const wrong: [string, object, RegExp][] = [
  [
    'an unknown key',
    { ...plan, tokenPerStep: 5 },
    /unknown key "tokenPerStep"; did you mean "tokensPerStep"\? Known: name, seed/,
  ],
  [
    'an unknown key inside',
    { ...plan, schedule: { warmUp: 5 } },
    /schedule: unknown key "warmUp"; did you mean "warmup"\?/,
  ],
  [
    'an unknown key of a corpus',
    { ...plan, corpora: { a: { path: 'x', wieght: 1 } } },
    /corpora\.a: unknown key "wieght"; did you mean "weight"/,
  ],
  ['a missing key', { tasks: plan.tasks, iterations: 1 }, /corpora: .*expected record/],
  ['another type', { ...plan, seed: 'one' }, /seed: expected (number|int), received string/],
  [
    'an unknown size',
    { ...plan, encoder: 'huge' },
    /encoder: wanted one of mini, small, base, large, or object/,
  ],
  ['a number out of range', { ...plan, maxLength: 513 }, /maxLength: .*512/],
  ['a dropout of one', { ...plan, dropout: 1 }, /dropout: .*<1/],
  ['no corpus', { ...plan, corpora: {} }, /corpora is empty/],
  ['no task', { ...plan, tasks: [] }, /tasks: /],
  ['from and a size', { ...plan, encoder: { from: 'x', size: 'mini' } }, /encoder has size beside from/],
  [
    'an LSTM from a folder',
    { ...plan, encoder: { type: 'lstm', from: 'x' } },
    /encoder\.from continues from a Transformer; an LSTM starts anew/,
  ],
  [
    'an LSTM with heads',
    { ...plan, encoder: { type: 'lstm', size: 'mini', heads: 4 } },
    /encoder has heads, which an LSTM has not/,
  ],
  [
    'half an LSTM',
    { ...plan, encoder: { type: 'lstm', layers: 2 } },
    /encoder needs a size .*, or layers and hiddenSize/,
  ],
  [
    'half an encoder',
    { ...plan, encoder: { layers: 2 } },
    /encoder needs a size .*, from: FOLDER, or layers, hiddenSize and heads/,
  ],
  [
    'micro-batches that are no multiple of 64',
    { ...plan, microBatch: { tokens: 200 } },
    /microBatch\.tokens is 200; a multiple of 64/,
  ],
  [
    'micro-batches too small for an input',
    { ...plan, microBatch: { masked: 100 } },
    /microBatch\.masked is 100; at least maxLength \(128\)/,
  ],
]
for (const [what, given, message] of wrong) {
  test(`${what} is refused in one line`, (t) => {
    const error = t.throws(() => checkPlan(given, '/plans', 'plan.json'), { name: 'EverlearnError', message })
    t.regex(error.message, /^plan\.json: /)
    t.notRegex(error.message, /\n/)
  })
}
