import { statSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { type DryRun, dryRun } from '../../../lib/train/dry-run/dry-run.ts'
import { dryRunText } from '../../../lib/train/dry-run/dry-run-text.ts'
import { pretrain } from '../../../lib/train/pretrain.ts'
import { filesBelow, temporaryFolder, tinyCorpus, tinyRunPlan } from '../../helpers/tiny-run.ts'

test('what it tells of steps, tokens and checkpoints is what a real run comes to', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const plan = tinyRunPlan(folder, { ema: 0.9, checkpoint: { every: 0, keep: 3, best: 'sentence-distance' } })
  const before = Object.keys(filesBelow(folder))
  const told = await dryRun(plan, { tokensPerSecond: 1000, gpus: 4 })
  t.deepEqual(Object.keys(filesBelow(folder)), before)

  const run = await pretrain(plan, path.join(folder, 'run'))
  const counted: Record<string, number> = {}
  run.trainer.events.on('step', ({ tasks }) => {
    for (const task of Object.keys(tasks)) counted[task] = (counted[task] ?? 0) + 1
  })
  const { checkpoint, step } = await run.trainer.run()
  const { state, model } = run.trainer.session
  t.is(told.steps, step)
  t.deepEqual(
    told.stages.map(({ steps }) => steps),
    run.trainer.session.setup.steps([]).stageLengths,
  )
  t.deepEqual(
    told.stages.map(({ budgets }) => budgets),
    run.trainer.session.setup.stages.table,
  )
  t.deepEqual(
    Object.fromEntries(Object.entries(told.tasks).map(([name, { steps }]) => [name, steps])),
    counted,
  )
  t.true(Math.abs(told.tokens / state.tokens - 1) < 0.05, `${told.tokens} told, ${state.tokens} were`)
  t.is(told.corpora[0].tokens, told.tokens)

  const size = (file: string) => statSync(path.join(checkpoint, file)).size
  t.is(told.checkpoint.model, size('model.safetensors'))
  t.is(told.checkpoint.optimizer, size('optimizer.safetensors'))
  t.is(told.checkpoint.average, size('ema.safetensors'))
  t.is(
    told.checkpoint.total,
    size('model.safetensors') + size('optimizer.safetensors') + size('ema.safetensors'),
  )
  t.is(told.checkpoint.mostAtOnce, 5 * told.checkpoint.total)
  const flat = model.arenas().reduce((sum, { size }) => sum + 4 * size, 0)
  t.like(told.memory, { parameters: flat, gradients: flat, moments: 2 * flat, average: flat })
  run.close()
  t.true((told.memory.activations as number) > 0)
  t.deepEqual(told.time.there, { tokensPerSecond: 1000, gpus: 4, seconds: told.tokens / 4000 })
})

test('activations are of a full micro-batch, whatever they were measured with', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const of = async (tokens: number) => {
    const { memory } = await dryRun(
      tinyRunPlan(folder, { microBatch: { tokens, sequences: 64, masked: 512 } }),
    )
    return memory.activations as number
  }
  const [few, many] = [await of(512), await of(2048)]
  t.true(Math.abs(many / few / 4 - 1) < 0.3, `${few} and ${many} bytes`)
})

test('memory is less where activations are made again in the backward', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const of = async (activationCheckpointing: boolean) => {
    const { memory } = await dryRun(
      tinyRunPlan(folder, {
        encoder: { layers: 6, hiddenSize: 64, heads: 2 },
        microBatch: { tokens: 1024, sequences: 64, masked: 256 },
        activationCheckpointing,
      }),
    )
    return memory.activations as number
  }
  const [kept, madeAgain] = [await of(false), await of(true)]
  t.true(madeAgain < 0.6 * kept, `${madeAgain} of ${kept} bytes`)
})

test('of a recurrent encoder, the size of checkpoints is told to the byte and activations are measured', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const plan = tinyRunPlan(folder, { encoder: { type: 'lstm', layers: 2, hiddenSize: 32 }, iterations: 2 })
  const told = await dryRun(plan)
  const run = await pretrain(plan, path.join(folder, 'run'))
  const { checkpoint } = await run.trainer.run()
  run.close()
  t.is(told.checkpoint.model, statSync(path.join(checkpoint, 'model.safetensors')).size)
  t.is(told.checkpoint.optimizer, statSync(path.join(checkpoint, 'optimizer.safetensors')).size)
  t.true((told.memory.activations as number) > 0)
})

test('a corpus that is missing is named with what makes it; everything else is told', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const plan = tinyRunPlan(folder, {
    corpora: {
      tiny: 'corpus/train',
      web: { path: 'web/train', tasks: ['knowledge-masking'] },
      rows: { path: 'rows', tasks: ['discourse-relation'] },
    },
    heldOut: { tiny: 'corpus/held-out', web: 'web/held-out' },
    tasks: [
      { task: 'knowledge-masking', levels: { basic: 1, phrase: 0.5 } },
      'sentence-distance',
      'discourse-relation',
    ],
  })
  const told = await dryRun(plan)
  t.deepEqual(
    told.corpora.map(({ name, corpus }) => [name, corpus !== null]),
    [
      ['tiny', true],
      ['web', false],
      ['rows', false],
    ],
  )
  const at = (name: string) => path.relative('', path.join(folder, name))
  t.deepEqual(told.prepare, [
    `everlearn prepare TEXT.. --vocab VOCAB --language en|zh --annotate --held-out 0.01 --out ${at('web')}`,
    'everlearn prepare ROWS.. --pairs --columns first=COLUMN,second=COLUMN,label=COLUMN --vocab VOCAB --language en|zh ' +
      `--out ${at('rows')}`,
  ])
  t.is(told.corpora[1].epochs, null)
  t.is(told.corpora[2].steps, 12)
  t.is(told.corpora[2].tokens, 12 * 300)
  t.false(told.encoder.vocabularyIsAssumed)
  const text = dryRunText(told)
  t.regex(text, /3 of 5 corpora are not here/)
  for (const command of told.prepare) t.true(text.includes(command))
})

test('without any corpus the vocabulary is assumed, and can be given', async (t) => {
  const plan = tinyRunPlan(temporaryFolder(t))
  const [usual, given] = [await dryRun(plan), await dryRun(plan, { vocabularySize: 1000 })]
  t.like(usual.encoder, { vocabularySize: 30_522, vocabularyIsAssumed: true })
  t.is(given.encoder.vocabularySize, 1000)
  t.is(usual.encoder.parameters - given.encoder.parameters, (30_522 - 1000) * (32 + 1))
})

test('tasks that may converge count with all their iterations, and say so', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const told = await dryRun(
    tinyRunPlan(folder, {
      iterations: { 'knowledge-masking': { until: 'converged', atMost: 30 }, 'sentence-distance': 12 },
    }),
  )
  t.deepEqual(told.converging, ['knowledge-masking'])
  t.is(told.tasks['knowledge-masking'].steps, 30)
  const text = dryRunText(told)
  t.regex(text, /at most steps/)
  t.regex(text, /all +<= 30 +12 /)
})

test('what is wrong with a plan is said though corpora are missing', async (t) => {
  const folder = temporaryFolder(t)
  const failing = (changes: Parameters<typeof tinyRunPlan>[1]): Promise<DryRun> =>
    dryRun(tinyRunPlan(folder, changes))
  await t.throwsAsync(failing({ corpora: { web: { path: 'web', tasks: ['masking'] } } }), {
    code: 'TASK_UNKNOWN',
  })
  await t.throwsAsync(failing({ iterations: { until: 'converged', atMost: 9 }, heldOut: {} }), {
    code: 'HELD_OUT_MISSING',
  })
  await t.throwsAsync(failing({ iterations: [{ masking: 3 }] }), { code: 'SCHEDULE_INVALID' })
  await t.throwsAsync(failing({ corpora: { a: 'x' }, tasks: ['no-task'] }), { code: 'TASK_UNKNOWN' })
})
