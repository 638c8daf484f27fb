import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import type { Plan } from '../../lib/train/plan.ts'
import { resume } from '../../lib/train/pretrain.ts'
import { folderWithCorpus, linesOf } from '../helpers/tiny-run.ts'
import { begin, resultsOf, train } from '../helpers/train-tiny.ts'

test('a task is trained until it has converged, the others have their budgets, to the bit after any stop', async (t) => {
  const folder = await folderWithCorpus(t)
  const changes: Partial<Plan> = {
    // At this rate nothing is learned: it has converged after the first evaluation and two more.
    schedule: { type: 'constant', learningRate: 1e-12, warmup: 0 },
    iterations: {
      'knowledge-masking': 12,
      'sentence-distance': { until: 'converged', atMost: 60, patience: 2 },
    },
    evaluate: { sequences: 16, every: 4 },
    // Some steps have an evaluation and a checkpoint.
    checkpoint: { every: 4, keep: 99 },
  }
  const straight = path.join(folder, 'straight')
  await train(await begin(folder, 'straight', changes))
  // Stage 2 begins at step 8 and would give sentence distance 40 steps and masking 4.
  const inside = linesOf(straight, 'evaluation').filter(({ ends }) => !ends)
  t.deepEqual(
    inside.map(({ step, converged }) => [step, converged]),
    [
      [4, []],
      [12, []],
      [16, []],
      [20, ['sentence-distance']],
    ],
  )
  const trained = (task: string) =>
    linesOf(straight, 'steps').reduce((sum, { tasks }) => sum + (tasks[task]?.labels > 0 ? 1 : 0), 0)
  t.true(trained('sentence-distance') <= 7)
  const { step } = linesOf(straight, 'end')[0]
  t.true(step >= 20 && step <= 24)
  const run = path.join(folder, 'run')
  let opened = await begin(folder, 'run', changes)
  for (const stop of [4, 9, 12, 16, 19, 20, 21]) {
    const { trainer } = opened
    trainer.events.on('step', (report) => {
      if (report.step >= stop - 1) trainer.stop()
    })
    await train(opened)
    opened = await resume(run)
  }
  await train(opened)
  const [a, b] = [straight, run].map(resultsOf)
  const last = Object.keys(a).filter((name) => name.includes('stage-2'))
  t.true(last.length > 0)
  for (const name of last) t.deepEqual(b[name], a[name], name)
  const logged = (of: string) => linesOf(of, 'evaluation').map(({ time, ...line }) => line)
  t.deepEqual(logged(run), logged(straight), 'every evaluation once')
  // A checkpoint holds the evaluation of its own step, so that it is not made again.
  await train(await resume(run, { checkpoint: 'step-00000016' }))
  t.deepEqual(logged(run), logged(straight))
})

test('the checkpoint with which a task did best is kept', async (t) => {
  const folder = await folderWithCorpus(t)
  const run = path.join(folder, 'run')
  await train(
    await begin(folder, 'run', {
      tasks: ['knowledge-masking'],
      iterations: 20,
      // Ever higher rates: what is learned at first is lost again.
      schedule: { type: 'linear', learningRate: 3, warmup: 20 },
      evaluate: { sequences: 16, every: 3 },
      checkpoint: { every: 0, keep: 1, best: 'knowledge-masking' },
    }),
  )
  const losses = linesOf(run, 'evaluation').map(({ step, ends, evaluations: [{ loss }] }) => ({
    step,
    ends,
    loss,
  }))
  const best = losses.reduce((a, b) => (b.loss < a.loss ? b : a))
  t.false(best.ends, 'the last one is not the best')
  const name = readFileSync(path.join(run, 'best'), 'utf8').trim()
  t.is(name, `step-${String(best.step).padStart(8, '0')}`)
  t.deepEqual(readdirSync(path.join(run, 'checkpoints')).sort(), [name, 'step-00000020-stage-1'])
})

test('what hangs on held-out figures wants held-out text', async (t) => {
  const folder = await folderWithCorpus(t)
  for (const changes of [
    { iterations: { until: 'converged', atMost: 9 } },
    { checkpoint: { best: 'sentence-distance' } },
  ] as const) {
    await t.throwsAsync(begin(folder, 'run', { ...changes, heldOut: {} }), {
      code: 'HELD_OUT_MISSING',
      message: /no held-out corpus is for it/,
    })
  }
  await t.throwsAsync(begin(folder, 'run', { checkpoint: { best: 'sentence' } }), {
    code: 'TASK_UNKNOWN',
    message: /sentence-distance/,
  })
})
