import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import type { Plan } from '../../lib/train/plan.ts'
import { readPlan } from '../../lib/train/plan-file.ts'
import { pretrain, resume } from '../../lib/train/pretrain.ts'
import { checkPlan } from '../../lib/train/run-plan.ts'
import { openSetup, type RunSetup } from '../../lib/train/setup.ts'
import { temporaryFolder, tinyCorpus, tinyPlan, tinyRunPlan } from '../helpers/tiny-run.ts'

const parity = fileURLToPath(new URL('../fixtures/tasks/parity.ts', import.meta.url))

async function setupOf(t: ExecutionContext, folder: string, changes: Partial<Plan>): Promise<RunSetup> {
  const setup = await openSetup(tinyRunPlan(folder, changes))
  t.teardown(() => setup.close())
  return setup
}

test('stages, kinds, weights and steps follow from the plan', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const setup = await setupOf(t, folder, {
    tasks: [
      'knowledge-masking',
      { task: 'sentence-distance', weight: 2 },
      { task: parity, name: 'odd', classes: 3 },
    ],
    iterations: { 'knowledge-masking': 8, 'sentence-distance': 4, odd: 4 },
  })
  t.deepEqual(setup.kinds, { 'knowledge-masking': 'token', 'sentence-distance': 'sentence', odd: 'token' })
  t.deepEqual(setup.weights, { 'knowledge-masking': 1, 'sentence-distance': 2, odd: 1 })
  t.deepEqual(setup.stages.table, [
    { 'knowledge-masking': 4 },
    { 'knowledge-masking': 2, 'sentence-distance': 3 },
    { 'knowledge-masking': 2, 'sentence-distance': 1, odd: 4 },
  ])
  t.is(setup.steps([]).length, 4 + 3 + 4)
  t.deepEqual(Object.keys(setup.meanLengths), ['tiny/', 'tiny/sentence-distance'])
  t.deepEqual(Object.keys(setup.fingerprints.tasks), [parity])
  t.deepEqual(setup.heldOut.tasks, { tiny: ['knowledge-masking', 'sentence-distance', 'odd'] })
})

test('a corpus that cannot serve a task is left out of it, unless the plan wants it', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  // One document only: distances need two.
  await tinyCorpus(path.join(folder, 'single'), 2)
  const corpora = { tiny: 'corpus/train', single: 'single/corpus/train' }
  const setup = await setupOf(t, folder, { corpora })
  t.deepEqual(setup.heldOut.tasks.tiny.length, 2)
  const needed = { 'tiny/': true, 'tiny/sentence-distance': true, 'single/': true }
  t.deepEqual(Object.keys(setup.meanLengths), Object.keys(needed))
  await t.throwsAsync(
    openSetup(
      tinyRunPlan(folder, { corpora: { single: { path: corpora.single, tasks: ['sentence-distance'] } } }),
    ),
    { message: /sentence-distance needs at least two documents/ },
  )
  await t.throwsAsync(openSetup(tinyRunPlan(folder, { corpora: { single: corpora.single } })), {
    message: /sentence-distance needs at least two documents/,
  })
})

test("a task of the user's own trains from a plan in TypeScript, and its file must stay the same", async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  mkdirSync(path.join(folder, 'tasks'))
  const file = path.join(folder, 'tasks/parity.ts')
  cpSync(parity, file)
  writeFileSync(
    path.join(folder, 'plan.ts'),
    `const iterations: number = 4\nexport default ${JSON.stringify({ ...tinyPlan, tasks: ['sentence-distance', './tasks/parity.ts'] }).replace('"iterations":12', 'iterations')}`,
  )
  const run = path.join(folder, 'run')
  const opened = await pretrain(await readPlan(path.join(folder, 'plan.ts')), run)
  const { evaluations } = opened.trainer.session.state
  await opened.trainer.run()
  opened.close()
  t.deepEqual(
    evaluations.map(({ stage, task }) => [stage, task]),
    [
      [1, 'sentence-distance'],
      [2, 'sentence-distance'],
      [2, 'parity'],
    ],
  )
  writeFileSync(file, `// changed\nexport { default } from ${JSON.stringify(parity)}\n`)
  await t.throwsAsync(resume(run), { message: /the task .*parity\.ts has changed since/ })
})

test('a run continues from the checkpoint of another', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const first = await pretrain(
    tinyRunPlan(folder, { tasks: ['knowledge-masking'], iterations: 30 }),
    path.join(folder, 'a'),
  )
  const { checkpoint } = await first.trainer.run()
  const [{ loss }] = first.trainer.session.state.evaluations
  first.close()
  const plan = {
    tasks: ['knowledge-masking'],
    iterations: 1,
    encoder: { from: checkpoint },
    schedule: { learningRate: 1e-9 },
  }
  const second = await pretrain(tinyRunPlan(folder, plan), path.join(folder, 'b'))
  await second.trainer.run()
  t.true(Math.abs(second.trainer.session.state.evaluations[0].loss - loss) < 1e-4)
  second.close()
})

test('inputs longer than the encoder has positions are refused', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const first = await pretrain(
    tinyRunPlan(folder, { iterations: 1, tasks: ['knowledge-masking'] }),
    path.join(folder, 'a'),
  )
  const { checkpoint } = await first.trainer.run()
  first.close()
  const config = path.join(checkpoint, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), max_position_embeddings: 16 }),
  )
  await t.throwsAsync(
    pretrain(checkPlan({ ...tinyPlan, encoder: { from: checkpoint } }, folder), path.join(folder, 'b')),
    {
      message: /positions|position/,
    },
  )
})

test('a corpus found altered while training goes on ends the run before its first checkpoint', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const flags = path.join(folder, 'corpus/train/piece-00000/flags.u8')
  const bytes = readFileSync(flags)
  bytes[bytes.length >> 1] ^= 2
  writeFileSync(flags, bytes)
  const plan = tinyRunPlan(folder, { checkpoint: { every: 1 } })
  const wanted = { code: 'CORPUS_CORRUPT', message: /train\/piece-00000\/flags\.u8 was altered/ }
  await t.throwsAsync(pretrain(plan, path.join(folder, 'now'), { verify: 'now' }), wanted)
  t.false(existsSync(path.join(folder, 'now')))
  const directory = path.join(folder, 'meanwhile')
  const run = await pretrain(plan, directory, { verify: 'meanwhile' })
  await t.throwsAsync(run.trainer.run(), wanted)
  run.close()
  t.false(existsSync(path.join(directory, 'checkpoints')))
  t.false(existsSync(path.join(directory, 'latest')))
})

test('training is the same while corpora are checked', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const states: object[] = []
  for (const verify of ['now', 'meanwhile'] as const) {
    const run = await pretrain(tinyRunPlan(folder), path.join(folder, verify), { verify })
    await run.trainer.run()
    states.push(run.trainer.session.state)
    run.close()
  }
  t.deepEqual(states[1], states[0])
})
