import { existsSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import type { Plan } from '../../lib/train/plan.ts'
import { resume } from '../../lib/train/pretrain.ts'
import { folderWithCorpus, linesOf } from '../helpers/tiny-run.ts'
import { begin, resultsOf, train } from '../helpers/train-tiny.ts'

test('stopped at any step and resumed, the end is the same to the bit', async (t) => {
  const folder = await folderWithCorpus(t)
  const straight = path.join(folder, 'straight')
  await train(await begin(folder, 'straight'))
  const run = path.join(folder, 'run')
  let opened = await begin(folder, 'run')
  // Step 8 ends the first stage: its evaluation is left out by the stop and made after the resume.
  for (const stop of [1, 3, 7, 8, 9, 14, 19]) {
    const { trainer } = opened
    // Reports come a step late.
    trainer.events.on('step', ({ step }) => {
      if (step >= stop - 1) trainer.stop()
    })
    if (stop === 1) trainer.stop()
    t.true((await train(opened)).stopped)
    opened = await resume(run, { workers: stop % 3 })
    t.deepEqual(opened.differences, [])
  }
  t.false((await train(opened)).stopped)
  const results = resultsOf(run)
  const last = Object.keys(results).filter(
    (name) => name.includes('stage-2') || !name.includes('checkpoints'),
  )
  for (const name of last) t.deepEqual(results[name], resultsOf(straight)[name], name)
  t.deepEqual(
    linesOf(run, 'steps')
      .map(({ step }) => step)
      .at(-1),
    20,
  )
  const again = await resume(run)
  t.false((await train(again)).stopped)
  t.deepEqual(resultsOf(run), results)
})

test('a run goes on from an earlier checkpoint as well, at the precision it chose', async (t) => {
  const folder = await folderWithCorpus(t)
  const run = path.join(folder, 'run')
  await train(await begin(folder, 'run', { precision: undefined, checkpoint: { every: 5, keep: 9 } }))
  const before = resultsOf(run)
  await train(await resume(run, { checkpoint: 'step-00000005' }))
  t.deepEqual(resultsOf(run), before)
})

for (const precision of ['bfloat16', 'float16'] as const) {
  test(`${precision} trains and resumes to the bit`, async (t) => {
    const folder = await folderWithCorpus(t)
    const changes: Partial<Plan> = { precision, lossScale: { initial: 2 ** 24, growthInterval: 3 } }
    await train(await begin(folder, 'straight', changes))
    const opened = await begin(folder, 'run', changes)
    opened.trainer.events.on('step', ({ step }) => {
      if (step >= 11) opened.trainer.stop()
    })
    await train(opened)
    const last = linesOf(path.join(folder, 'run'), 'steps').at(-1)
    // 2^24 overflows until it has been halved often enough.
    t.is(last.skippedSteps > 0, precision === 'float16')
    t.true(last.lossScale < 2 ** 24)
    const resumed = await resume(path.join(folder, 'run'))
    await train(resumed)
    const name = 'checkpoints/step-00000020-stage-2/'
    const [a, b] = ['straight', 'run'].map((each) => resultsOf(path.join(folder, each)))
    for (const file of Object.keys(a).filter((each) => each.startsWith(name)))
      t.deepEqual(b[file], a[file], file)
  })
}

test('stopped between micro-batches, the step goes on where it was, to the bit', async (t) => {
  const folder = await folderWithCorpus(t)
  // Some ten micro-batches a step.
  const changes: Partial<Plan> = { tokensPerStep: 1500, iterations: 4, checkpoint: { every: 0, keep: 50 } }
  await train(await begin(folder, 'straight', changes))
  const run = path.join(folder, 'run')
  let opened = await begin(folder, 'run', changes)
  const begun: number[] = []
  for (let stop = 0; stop < 8; stop++) {
    const { trainer } = opened
    const { device } = trainer.session
    const ready = device.ready.bind(device)
    let asked = 0
    // The trainer waits for the device before each micro-batch.
    device.ready = async () => {
      await ready()
      if (++asked === 3 + 2 * stop) trainer.stop()
    }
    const { checkpoint } = await train(opened)
    const [, microBatches] = /-batch-(\d+)$/.exec(checkpoint) ?? []
    if (microBatches) {
      begun.push(Number(microBatches))
      t.true(existsSync(path.join(checkpoint, 'gradients.safetensors')))
    }
    opened = await resume(run, { workers: stop % 2 })
  }
  await train(opened)
  t.true(begun.length >= 4, `stopped inside steps after ${begun} micro-batches`)
  const [a, b] = ['straight', 'run'].map((name) => resultsOf(path.join(folder, name)))
  const last = Object.keys(a).filter((name) => name.includes('stage-2'))
  t.true(last.length > 0 && !last.some((name) => name.includes('gradients')))
  for (const name of [...last, 'evaluation.json']) t.deepEqual(b[name], a[name], name)
})
