import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { evaluationInputs } from '../../../lib/data/measure.ts'
import { openDevice } from '../../../lib/tensor/device.ts'
import { predictSamples, type StageSamples } from '../../../lib/train/evaluation/sample-predictions.ts'
import { pretrain } from '../../../lib/train/pretrain.ts'
import { createRun } from '../../../lib/train/run-directory.ts'
import { beginSession } from '../../../lib/train/session.ts'
import { openSetup } from '../../../lib/train/setup.ts'
import { ContinualTrainer } from '../../../lib/train/trainer.ts'
import { filesBelow, temporaryFolder, tinyCorpus, tinyRunPlan } from '../../helpers/tiny-run.ts'

test('each stage leaves predictions for the same held-out inputs', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const directory = path.join(folder, 'run')
  const tasks = ['knowledge-masking', 'capitalization', 'sentence-distance']
  const run = await pretrain(tinyRunPlan(folder, { tasks }), directory)
  await run.trainer.run()
  const { session } = run.trainer
  const { heldOut } = session.setup
  const { tokens } = heldOut.source.corpora.tiny.vocabulary
  const read = () => JSON.parse(readFileSync(path.join(directory, 'samples.json'), 'utf8')) as StageSamples[]
  const stages = read()
  t.deepEqual(
    stages.map(({ stage, tasks }) => [stage, tasks.map(({ task, kind }) => `${task} ${kind}`)]),
    [1, 2, 3].map((stage) => [
      stage,
      ['knowledge-masking masking', 'capitalization tokens', 'sentence-distance class'].slice(0, stage),
    ]),
  )
  for (const { task, inputs } of stages[2].tasks) {
    const drawn = [...evaluationInputs(heldOut.source, task, { corpus: 'tiny', count: 3 })]
    t.is(inputs.length, 3)
    for (const [number, { pieces, length, judgements }] of inputs.entries()) {
      const { input, ids, annotations } = drawn[number]
      t.deepEqual(
        pieces,
        Array.from(ids, (id) => tokens[id]),
      )
      t.is(length, ids.length)
      const names = heldOut.source.tasks[task]
      const labels =
        names.kind === 'sentence'
          ? [[0, names.classNames[input.label as number]]]
          : Array.from(annotations[0].positions, (at, i) => [
              at,
              names.head.kind === 'token-classification'
                ? names.head.classNames[annotations[0].labels[i]]
                : tokens[annotations[0].labels[i]],
            ])
      t.deepEqual(
        judgements.map(({ at, label }) => [at, label]),
        labels,
      )
      for (const { predictions } of judgements) {
        const shares = predictions.map(({ probability }) => probability)
        t.is(predictions.length, task === 'capitalization' ? 2 : 3)
        t.deepEqual(
          shares,
          shares.toSorted((a, b) => b - a),
        )
        const sum = shares.reduce((total, share) => total + share, 0)
        t.true(task === 'knowledge-masking' ? sum > 0 && sum < 1 : Math.abs(sum - 1) < 1e-3)
      }
    }
  }
  const live = session.device.memory().live
  t.deepEqual(await predictSamples(session), stages[2].tasks)
  t.is(session.device.memory().live, live)
  run.close()
})

test('training is the same to the bit with and without it', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const plan = tinyRunPlan(folder, { ema: 0.9 })
  const sampled = await pretrain(plan, path.join(folder, 'sampled'))
  const { checkpoint } = await sampled.trainer.run()
  sampled.close()
  const device = await openDevice()
  const setup = await openSetup(plan)
  const session = beginSession(device, setup)
  const run = await createRun(path.join(folder, 'plain'), plan)
  const plain = await new ContinualTrainer(session, run.path).run()
  for (const held of [run, session, setup, device]) held.close()
  t.deepEqual(filesBelow(plain.checkpoint), filesBelow(checkpoint))
  t.true(existsSync(path.join(folder, 'sampled/samples.json')))
  t.false(existsSync(path.join(folder, 'plain/samples.json')))
})

test('the likeliest token is the one that the evaluation counts as predicted', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const run = await pretrain(tinyRunPlan(folder, { evaluate: { sequences: 3 } }), path.join(folder, 'run'))
  await run.trainer.run()
  const { evaluations } = run.trainer.session.state
  const [masking, distance] = await predictSamples(run.trainer.session)
  for (const { task, inputs } of [masking, distance]) {
    const judged = inputs.flatMap(({ judgements }) => judgements)
    const right = judged.filter(({ label, predictions }) => predictions[0].name === label).length
    const { accuracy, labels } = evaluations.findLast((each) => each.task === task)!
    t.is(judged.length, labels)
    t.true(Math.abs(right / labels - accuracy) < 1e-6)
  }
  run.close()
})
