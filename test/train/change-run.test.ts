import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { addTask, retireTask } from '../../lib/train/change-run.ts'
import { readState } from '../../lib/train/checkpoint/state.ts'
import type { Plan } from '../../lib/train/plan.ts'
import { type OpenRun, pretrain, resume } from '../../lib/train/pretrain.ts'
import { filesBelow, folderWithCorpus, linesOf, tinyCorpus, tinyRunPlan } from '../helpers/tiny-run.ts'

async function train(opened: OpenRun, stopAfter = Number.POSITIVE_INFINITY): Promise<OpenRun> {
  opened.trainer.events.on('step', ({ step }) => {
    if (step >= stopAfter - 1) opened.trainer.stop()
  })
  try {
    await opened.trainer.run()
    return opened
  } finally {
    opened.close()
  }
}

const begin = (folder: string, name: string, changes: Partial<Plan> = {}) =>
  pretrain(tinyRunPlan(folder, { checkpoint: { every: 0, keep: 9 }, ...changes }), path.join(folder, name))

const checkpointOf = (run: string, name: string) => filesBelow(path.join(run, 'checkpoints', name))

const reordering = { task: 'sentence-reordering', iterations: 8 }

test('a task is added to a finished run: one more stage, old tasks replayed, nothing of before lost', async (t) => {
  const folder = await folderWithCorpus(t)
  const run = path.join(folder, 'run')
  await train(await begin(folder, 'run'))
  const before = checkpointOf(run, 'step-00000020-stage-2')
  // K = 2 tasks: 8 / (2 + 2) each.
  const budgets = { 'knowledge-masking': 2, 'sentence-distance': 2, 'sentence-reordering': 8 }
  t.deepEqual(await addTask(run, reordering), { stage: 3, budgets })
  const opened = await train(await resume(run))
  t.deepEqual(checkpointOf(run, 'step-00000020-stage-2'), before)
  const [stage] = linesOf(run, 'stage').slice(-1)
  t.like(stage, { stage: 3, step: 20, end: 30, budgets, added: ['sentence-reordering'] })
  t.is(opened.trainer.session.state.step, 30)
  t.deepEqual(
    opened.trainer.session.state.evaluations.filter((each) => each.stage === 3).map(({ task }) => task),
    ['knowledge-masking', 'sentence-distance', 'sentence-reordering'],
  )
  const state = readState(path.join(run, 'checkpoints/step-00000030-stage-3'))
  t.deepEqual(
    state.heads.map(({ name }) => name),
    ['knowledge-masking', 'sentence-distance', 'sentence-reordering'],
  )
  // Task ids of before stay what they were.
  t.deepEqual(Object.keys(opened.trainer.session.setup.kinds).slice(0, 2), [
    'knowledge-masking',
    'sentence-distance',
  ])
})

test('a stage that was added is resumed to the bit, with a corpus of its own, from a stopped run', async (t) => {
  const folder = await folderWithCorpus(t)
  await tinyCorpus(path.join(folder, 'more'), 40)
  const added = { ...reordering, corpora: { more: path.join(folder, 'more/corpus/train') } }
  const results = []
  for (const [name, stop] of [
    ['straight', Number.POSITIVE_INFINITY],
    ['stopped', 25],
  ] as const) {
    const run = path.join(folder, name)
    await train(await begin(folder, name), 15)
    t.deepEqual((await addTask(run, added)).stage, 3)
    await train(await resume(run), stop)
    if (stop < 30) await train(await resume(run))
    const { 'log.jsonl': _log, ...files } = filesBelow(run)
    results.push(files)
  }
  for (const name of Object.keys(results[0]).filter((each) => each.includes('stage-3'))) {
    t.deepEqual(results[1][name], results[0][name], name)
  }
  const corpora = new Set(linesOf(path.join(folder, 'straight'), 'stage').map(({ stage }) => stage))
  t.deepEqual(corpora, new Set([1, 2, 3]))
})

test('a task that was retired is trained no more, and its head stays', async (t) => {
  const folder = await folderWithCorpus(t)
  const run = path.join(folder, 'run')
  await train(await begin(folder, 'run'), 12)
  t.is(await retireTask(run, 'knowledge-masking'), 12)
  await addTask(run, reordering)
  const opened = await train(await resume(run))
  const after = linesOf(run, 'steps').filter(({ step }) => step > 12)
  t.true(after.every(({ tasks }) => !('knowledge-masking' in tasks)))
  t.true(after.some(({ tasks }) => 'sentence-distance' in tasks))
  // Of K = 1 task that is left: 8 / (1 + 2).
  t.like(linesOf(run, 'stage').at(-1), { budgets: { 'sentence-distance': 2, 'sentence-reordering': 8 } })
  t.true(opened.trainer.session.model.heads.has('knowledge-masking'))
  t.true(
    opened.trainer.session.state.evaluations.some(
      ({ stage, task }) => stage === 3 && task === 'knowledge-masking',
    ),
  )
})

test('what cannot be added or retired is refused, and the run stays as it was', async (t) => {
  const folder = await folderWithCorpus(t)
  const run = path.join(folder, 'run')
  await train(await begin(folder, 'run', { tasks: ['knowledge-masking'] }), 3)
  const plan = readFileSync(path.join(run, 'plan.json'))
  const refused = async (change: Promise<unknown>, code: string, message: RegExp) => {
    await t.throwsAsync(change, { code, message })
    t.deepEqual(readFileSync(path.join(run, 'plan.json')), plan)
    t.false(existsSync(path.join(run, '.lock')))
  }
  await refused(
    addTask(run, { ...reordering, task: 'knowledge-masking' }),
    'TASK_TWICE',
    /two tasks are called knowledge-masking/,
  )
  await refused(addTask(run, { ...reordering, task: 'rhymes' }), 'TASK_UNKNOWN', /there is no task "rhymes"/)
  await refused(addTask(run, { ...reordering, iterations: 0 }), 'PLAN_INVALID', /changes\[0\]/)
  await refused(
    addTask(run, { ...reordering, corpora: { tiny: path.join(folder, 'corpus/train') } }),
    'CORPUS_TWICE',
    /a corpus called tiny already/,
  )
  await refused(
    addTask(run, { ...reordering, corpora: { none: path.join(folder, 'none') } }),
    'CORPUS_MISSING',
    /none/,
  )
  await refused(retireTask(run, 'rhymes'), 'TASK_UNKNOWN', /rhymes/)
  await refused(retireTask(run, 'knowledge-masking'), 'SCHEDULE_INVALID', /last task/)
  await refused(addTask(folder, reordering), 'RUN_UNKNOWN', /is no run/)
})

test('a plan that is not what the run began with is still refused after a task was added', async (t) => {
  const folder = await folderWithCorpus(t)
  const run = path.join(folder, 'run')
  await train(await begin(folder, 'run'), 3)
  await addTask(run, reordering)
  await train(await resume(run), 5)
  const file = path.join(run, 'plan.json')
  const plan = JSON.parse(readFileSync(file, 'utf8'))
  for (const changed of [
    { ...plan, seed: 9 },
    { ...plan, changes: [] },
    { ...plan, changes: [{ ...plan.changes[0], iterations: 9 }] },
  ]) {
    writeFileSync(file, JSON.stringify(changed))
    await t.throwsAsync(resume(run), { code: 'RUN_CHANGED', message: /the plan/ })
  }
})
