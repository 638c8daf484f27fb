import { writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { Events, type TrainerEvents } from '../../lib/train/events.ts'
import { pretrain, resume } from '../../lib/train/pretrain.ts'
import { tensorBoardTo } from '../../lib/train/tensorboard.ts'
import { readEventFiles } from '../helpers/read-events.ts'
import { evaluated, stepReport } from '../helpers/step-report.ts'
import { temporaryFolder, tinyCorpus, tinyRunPlan } from '../helpers/tiny-run.ts'

const close = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.abs(b)

test('figures of several steps make one point of every curve, an evaluation one of its own', async (t) => {
  const run = temporaryFolder(t)
  const events = new Events<TrainerEvents>()
  tensorBoardTo(run, events, 2)
  await events.emit('start', {
    step: 4,
    steps: 8,
    stages: 1,
    peak: 1e9,
    table: [{ masking: 8 }],
    stageEnds: [8],
  })
  await events.emit('step', stepReport(5))
  await events.emit(
    'step',
    stepReport(6, {
      tasks: { masking: { loss: 30, correct: 4, labels: 20 }, distance: { loss: 2, correct: 1, labels: 2 } },
    }),
  )
  await events.emit('step', stepReport(7, { gradientNorm: Number.NaN, skippedSteps: 1 }))
  await events.emit('evaluation', {
    step: 7,
    stage: 1,
    ends: true,
    converged: [],
    stageEnds: [8],
    evaluations: [{ ...evaluated, step: 7 }],
  })
  const [[version, start, first, second, evaluation]] = readEventFiles(path.join(run, 'tensorboard'))
  t.is(version.fileVersion, 'brain.Event:2')
  t.like(start, { step: 5, status: 1 })
  t.is(first.step, 6)
  t.like(first.scalars, {
    'loss/masking': 3,
    'loss/distance': 1,
    'accuracy/distance': 0.5,
    'optimizer/gradient-norm': 0.5,
    'optimizer/loss-scale': 1,
    'optimizer/skipped-steps': 0,
    'memory/live': 1,
    'memory/peak': 3,
  })
  t.true(close(first.scalars['accuracy/masking'], 0.2))
  t.true(close(first.scalars['optimizer/learning-rate'], 1e-3))
  t.true(first.scalars['speed/tokens-per-second'] > 0 && first.scalars['speed/share-of-peak'] > 0)
  t.true(first.scalars['memory/resident'] > 0)
  t.is(second.step, 7)
  t.like(second.scalars, { 'optimizer/gradient-norm': Number.NaN, 'optimizer/skipped-steps': 1 })
  t.is(evaluation.step, 7)
  t.deepEqual(evaluation.scalars, {
    'held-out-loss/books/masking': 2.5,
    'held-out-accuracy/books/masking': 0.25,
  })
})

test('a folder that cannot be written to is named with what to do', async (t) => {
  const run = temporaryFolder(t)
  writeFileSync(path.join(run, 'tensorboard'), 'in the way')
  const events = new Events<TrainerEvents>()
  tensorBoardTo(run, events, 1)
  const begun = { step: 0, steps: 1, stages: 1, peak: 1, table: [{ masking: 1 }], stageEnds: [1] }
  await t.throwsAsync(events.emit('start', begun), {
    code: 'LOG_NOT_WRITTEN',
    message: /cannot write .*tensorboard: .*everlearn resume/,
  })
})

test('a run has a file for each start, whose session begins after the last checkpoint', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const directory = path.join(folder, 'run')
  const plan = tinyRunPlan(folder, { log: { every: 2 } })
  const begun = await pretrain(plan, directory)
  begun.trainer.events.on('step', ({ step }) => {
    if (step === 3) begun.trainer.stop()
  })
  const { step } = await begun.trainer.run()
  begun.close()
  const resumed = await resume(directory)
  await resumed.trainer.run()
  resumed.close()

  const [first, second, ...others] = readEventFiles(path.join(directory, 'tensorboard'))
  t.is(others.length, 0)
  t.like(first[1], { step: 1, status: 1 })
  t.like(second[1], { step: step + 1, status: 1 })
  t.is(first.at(-1)?.step, step)
  const held = second.filter(({ scalars }) => 'held-out-loss/tiny/knowledge-masking' in scalars)
  t.is(held.length, 2)
  t.true('held-out-macro-f1/tiny/sentence-distance' in held[1].scalars)
})
