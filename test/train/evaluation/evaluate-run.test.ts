import { cpSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { main } from '../../../lib/cli/main.ts'
import { checkpointNames } from '../../../lib/train/checkpoint/checkpoint.ts'
import { evaluateRun } from '../../../lib/train/evaluation/evaluate-run.ts'
import type { Evaluation } from '../../../lib/train/evaluation/evaluation.ts'
import type { Plan } from '../../../lib/train/plan.ts'
import { pretrain } from '../../../lib/train/pretrain.ts'
import { lockRun, unlockRun } from '../../../lib/train/run-lock.ts'
import { filesBelow, temporaryFolder, tinyCorpus, tinyRunPlan } from '../../helpers/tiny-run.ts'

/** A finished run, its folder, and what it found at the end of each stage. */
async function trainedRun(
  folder: string,
  changes: Partial<Plan> = {},
): Promise<{ run: string; evaluations: Evaluation[] }> {
  await tinyCorpus(folder)
  const run = path.join(folder, 'run')
  const { trainer, close } = await pretrain(
    tinyRunPlan(folder, { iterations: 4, checkpoint: { every: 0, keep: 9 }, ...changes }),
    run,
  )
  await trainer.run()
  const { evaluations } = trainer.session.state
  close()
  return { run, evaluations }
}

test('every checkpoint is worth what training found when it wrote it; nothing is written', async (t) => {
  const { run, evaluations } = await trainedRun(temporaryFolder(t))
  const before = filesBelow(run)
  const names = checkpointNames(run)
  t.is(names.length, 2)
  for (const [index, checkpoint] of names.entries()) {
    const found = await evaluateRun(run, { checkpoint })
    t.deepEqual(
      found.evaluations,
      evaluations.filter(({ stage }) => stage === index + 1),
    )
    t.is(found.checkpoint, checkpoint)
    t.is(found.stage, index + 1)
    t.false(found.averaged)
  }
  const { checkpoint, step } = await evaluateRun(run)
  t.is(checkpoint, names[1])
  t.is(checkpoint, `step-${String(step).padStart(8, '0')}-stage-2`)
  t.deepEqual(filesBelow(run), before)
})

test('beside a trainer, with more sequences, and by the average of the weights', async (t) => {
  const { run, evaluations } = await trainedRun(temporaryFolder(t), { ema: 0.5 })
  lockRun(run)
  t.teardown(() => unlockRun(run))
  const found = await evaluateRun(run)
  t.true(found.averaged)
  t.deepEqual(
    found.evaluations,
    evaluations.filter(({ stage }) => stage === 2),
  )
  const more = await evaluateRun(run, { sequences: 40 })
  t.deepEqual(
    more.evaluations.map(({ sequences }) => sequences),
    [40, 40],
  )
  t.true(more.evaluations[0].labels > found.evaluations[0].labels)
})

test('while a trainer makes checkpoints and removes them', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const run = path.join(folder, 'run')
  const plan = tinyRunPlan(folder, { iterations: 20, checkpoint: { every: 1, keep: 1 } })
  const { trainer, close } = await pretrain(plan, run)
  const judged: number[] = []
  const refusals: string[] = []
  let first = () => {}
  const begun = new Promise<void>((resolve) => {
    first = resolve
  })
  trainer.events.on('checkpoint', () => first())
  let training = true
  const trained = trainer.run().finally(() => {
    training = false
  })
  await begun
  while (training) {
    await evaluateRun(run, { sequences: 4 }).then(
      ({ step }) => judged.push(step),
      ({ code }) => refusals.push(code),
    )
  }
  const { step } = await trained
  close()
  // Three times in a row the checkpoint may be gone: that is said, and nothing else goes wrong.
  t.deepEqual(
    refusals.filter((code) => code !== 'CHECKPOINT_UNKNOWN'),
    [],
  )
  t.deepEqual(
    judged,
    judged.toSorted((a, b) => a - b),
  )
  t.is((await evaluateRun(run, { sequences: 4 })).step, step)
})

test('a checkpoint inside a stage', async (t) => {
  const { run } = await trainedRun(temporaryFolder(t), { checkpoint: { every: 3, keep: 9 } })
  const { step, stage, evaluations } = await evaluateRun(run, { checkpoint: 'step-00000006' })
  t.is(step, 6)
  t.is(stage, 2)
  t.deepEqual(
    evaluations.map(({ task, stage, step }) => [task, stage, step]),
    [
      ['knowledge-masking', 2, 6],
      ['sentence-distance', 2, 6],
    ],
  )
})

test('refused: what cannot be judged', async (t) => {
  const folder = temporaryFolder(t)
  const { run } = await trainedRun(folder)
  await t.throwsAsync(evaluateRun(folder), { code: 'RUN_UNKNOWN', message: /is no run/ })
  await t.throwsAsync(evaluateRun(run, { checkpoint: 'step-00000099' }), {
    code: 'CHECKPOINT_UNKNOWN',
    message: /has no checkpoint step-00000099; it has step-/,
  })
  await t.throwsAsync(evaluateRun(run, { sequences: 0 }), { code: 'OPTION_INVALID' })
  await t.throwsAsync(evaluateRun(run, { device: 'gpu' }), { code: 'DEVICE_NAME' })

  const empty = path.join(folder, 'empty')
  cpSync(run, empty, { recursive: true })
  rmSync(path.join(empty, 'latest'))
  rmSync(path.join(empty, 'checkpoints'), { recursive: true })
  await t.throwsAsync(evaluateRun(empty), { code: 'RUN_EMPTY', message: /no checkpoint yet/ })

  const spoiled = path.join(folder, 'spoiled')
  cpSync(run, spoiled, { recursive: true })
  const [first] = checkpointNames(spoiled)
  writeFileSync(path.join(spoiled, 'checkpoints', first, 'state.json'), '{}')
  await t.throwsAsync(evaluateRun(spoiled, { checkpoint: first }), { code: 'CHECKPOINT_CORRUPT' })

  const blind = path.join(folder, 'blind')
  const { trainer, close } = await pretrain(tinyRunPlan(folder, { iterations: 2, heldOut: {} }), blind)
  await trainer.run()
  close()
  await t.throwsAsync(evaluateRun(blind), { code: 'HELD_OUT_MISSING', message: /no held-out text/ })
})

test('the command prints the table, or one JSON object', async (t) => {
  const { run } = await trainedRun(temporaryFolder(t))
  const printed: string[] = []
  const { log } = console
  console.log = (text) => printed.push(text)
  try {
    t.is(await main(['evaluate', run]), 0)
    t.is(await main(['evaluate', run, '--json', '--sequences', '8']), 0)
  } finally {
    console.log = log
  }
  const [title, table, json] = printed
  t.regex(title, /run, step-\d{8}-stage-2: step \d+, stage 2/)
  t.regex(table, /held-out tiny +stage 2 +without learning\nknowledge-masking loss/)
  const { checkpoint, evaluations } = JSON.parse(json)
  t.is(title.split(', ')[1].split(':')[0], checkpoint)
  t.deepEqual(
    evaluations.map(({ sequences }: Evaluation) => sequences),
    [8, 8],
  )
})
