import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { openRunReader } from '../../../lib/report/run/read-run.ts'
import { openRunsFolder } from '../../../lib/report/run/runs-folder.ts'
import { trimLog } from '../../../lib/train/log.ts'
import { pretrain } from '../../../lib/train/pretrain.ts'
import { temporaryFolder, tinyCorpus, tinyRunPlan } from '../../helpers/tiny-run.ts'
import {
  endLine,
  evaluationLine,
  stageLine,
  startLine,
  stepsLine,
  wholeRun,
  writeRun,
  writtenBudgets,
  writtenTasks,
} from '../../helpers/written-run.ts'

function written(t: ExecutionContext, changes: object = {}) {
  const root = temporaryFolder(t)
  const run = writeRun(path.join(root, 'run'), changes)
  return { ...run, reader: openRunReader(openRunsFolder(root), 'run') }
}

test('a whole run: settings, stages with used budgets, curves, evaluations', async (t) => {
  const { append, reader, directory } = written(t)
  append(...wholeRun())
  writeFileSync(path.join(directory, 'latest'), 'step-00000140-stage-4\n')
  const report = await reader.read()
  t.like(report, {
    name: 'run',
    state: 'finished',
    step: 140,
    steps: 140,
    tasks: writtenTasks,
    checkpoint: 'step-00000140-stage-4',
    updated: '2026-01-01T00:00:00.000Z',
    tokens: 4000,
    seconds: 8,
  })
  t.like(report.settings, {
    title: 'written',
    method: 'continual-multi-task',
    encoder: 'mini',
    tokensPerStep: 1024,
  })
  t.deepEqual(
    report.stages.map(({ budgets, used, state, end }) => ({ budgets, used, state, end })),
    [20, 50, 90, 140].map((end, index) => ({
      budgets: writtenBudgets[index],
      used: writtenBudgets[index],
      state: 'done',
      end,
    })),
  )
  t.is(report.points.length, 4)
  t.is(report.evaluations.length, 10)
  t.like(report.evaluations[2], {
    step: 50,
    stage: 2,
    ends: true,
    task: 'capitalization',
    row: 'capitalization',
    figure: 'accuracy',
    value: 0.5,
    baseline: { loss: 3, value: 0.125 },
  })
})

test('a run that has just begun has its planned stages ahead', async (t) => {
  const { append, reader } = written(t)
  t.like(await reader.read(), { state: 'waiting', step: 0, steps: null, updated: null })
  append(startLine(), stageLine(1, 0, 20), stepsLine(5, 1, { steps: 5 }))
  const { stages, state } = await reader.read()
  t.is(state, 'interrupted')
  t.deepEqual(
    stages.map(({ state, budgets }) => [state, budgets]),
    writtenBudgets.map((budgets, index) => [index === 0 ? 'begun' : 'planned', budgets]),
  )
  t.deepEqual(stages[0].used, { 'knowledge-masking': 1 })
  // A stage that was added: the log knows it.
  append({ ...startLine(5), table: [...writtenBudgets, { later: 7 }] }, stageLine(1, 5, 20))
  t.deepEqual((await reader.read()).stages.at(-1)?.budgets, { later: 7 })
})

test('numbers that are none are missing, not zero', async (t) => {
  const { append, reader } = written(t)
  const lost = { 'knowledge-masking': { loss: 'NaN', accuracy: 'NaN', labels: 100, iterations: 1 } }
  append(startLine(), stageLine(1, 0, 20), stepsLine(1, 1, { tasks: lost, gradientNorm: 'Infinity' }))
  append(
    evaluationLine(1, 1, [0.5], {
      evaluations: [{ stage: 1, task: 'a', corpus: 'b', loss: null, accuracy: null, baseline: {} }],
    }),
  )
  const { points, evaluations } = await reader.read()
  t.is(points[0].gradientNorm, null)
  t.like(points[0].tasks['knowledge-masking'], { lossLabels: 0, labels: 100 })
  t.like(evaluations[0], { loss: null, value: null })
})

test('the log of a resumed run: what was cut off comes again and counts once', async (t) => {
  const { append, reader, directory } = written(t)
  append(startLine(), stageLine(1, 0, 20), ...[1, 2, 3, 4, 5].map((step) => stepsLine(step, 1)))
  t.is((await reader.read()).stages[0].used['knowledge-masking'], 5)
  await trimLog(directory, 3)
  append(startLine(3), stageLine(1, 3, 20), stepsLine(4, 1))
  const { stages, points, step } = await reader.read()
  t.is(step, 4)
  t.deepEqual(
    points.map((each) => each.step),
    [1, 2, 3, 4],
  )
  t.is(stages[0].used['knowledge-masking'], 4)
})

test('a start before what was logged takes it back, even where nothing was cut off', async (t) => {
  const { append, reader } = written(t)
  append(
    startLine(),
    stageLine(1, 0, 20),
    ...[1, 2, 3, 4].map((step) => stepsLine(step, 1)),
    endLine(4, true),
  )
  t.is((await reader.read()).state, 'stopped')
  append(startLine(2), stageLine(1, 2, 20), stepsLine(3, 1))
  const { points, stages, state } = await reader.read()
  t.is(state, 'interrupted')
  t.deepEqual(
    points.map((each) => each.step),
    [1, 2, 3],
  )
  t.is(stages[0].used['knowledge-masking'], 3)
})

test('nothing new gives the same object; every change another one', async (t) => {
  const { append, reader, directory } = written(t)
  const first = await reader.read()
  t.is(await reader.read(), first)
  append(startLine())
  const second = await reader.read()
  t.not(second, first)
  writeFileSync(path.join(directory, 'samples.json'), '[]')
  const third = await reader.read()
  t.not(third, second)
  t.is(await reader.read(), third)
})

test('who holds the lock is running', async (t) => {
  const { append, reader, directory } = written(t)
  append(startLine())
  const lock = path.join(directory, '.lock')
  writeFileSync(lock, JSON.stringify({ pid: 1, host: 'elsewhere', started: 'x' }))
  t.is((await reader.read()).state, 'running')
  rmSync(lock)
  t.is((await reader.read()).state, 'interrupted')
})

test('files that are broken or missing leave the rest', async (t) => {
  const { append, reader, directory } = written(t)
  append(...wholeRun())
  for (const file of ['plan.json', 'samples.json', 'evaluation.json'])
    writeFileSync(path.join(directory, file), '{"name": [')
  const report = await reader.read()
  t.is(report.settings.title, 'unnamed')
  t.is(report.stages.length, 4)
  rmSync(path.join(directory, 'log.jsonl'))
  writeFileSync(
    path.join(directory, 'evaluation.json'),
    JSON.stringify(evaluationLine(20, 1, [0.5]).evaluations),
  )
  const without = await reader.read()
  t.is(without.points.length, 0)
  t.like(without.evaluations, [{ step: 20, value: 0.5, ends: true }])
})

test('60,000 lines are read in a bounded number of points', async (t) => {
  const { append, reader } = written(t)
  append(startLine(0, 60_000, 1), stageLine(1, 0, 60_000))
  for (let first = 1; first <= 60_000; first += 10_000)
    append(...Array.from({ length: 10_000 }, (_, i) => stepsLine(first + i, 1)))
  const { points, stages, tokens } = await reader.read()
  t.true(points.length <= 1024 && points.length > 500, String(points.length))
  t.is(stages[0].used['knowledge-masking'], 60_000)
  t.is(tokens, 6e7)
})

test('a run that was trained is read as it was', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  mkdirSync(path.join(folder, 'runs'))
  const directory = path.join(folder, 'runs/run')
  const run = await pretrain(tinyRunPlan(folder), directory)
  const reader = openRunReader(openRunsFolder(path.join(folder, 'runs')), 'run')
  t.is((await reader.read()).state, 'running')
  await run.trainer.run()
  const { evaluations } = run.trainer.session.state
  const { table } = run.trainer.session.setup.stages
  run.close()
  const report = await reader.read()
  t.is(report.state, 'finished')
  t.deepEqual(
    report.stages.map(({ used }) => used),
    table,
  )
  t.deepEqual(
    report.evaluations.map(({ task, stage, loss }) => [task, stage, loss]),
    evaluations.map(({ task, stage, loss }) => [task, stage, loss]),
  )
  t.is(report.samples.length, 2)
  t.is(report.checkpoint, readFileSync(path.join(directory, 'latest'), 'utf8').trim())
})
