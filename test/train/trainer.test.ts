import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import type { Plan } from '../../lib/train/plan.ts'
import { resume } from '../../lib/train/pretrain.ts'
import { folderWithCorpus, linesOf } from '../helpers/tiny-run.ts'
import { begin, resultsOf, train } from '../helpers/train-tiny.ts'

test('two stages train, are evaluated and leave checkpoints', async (t) => {
  const folder = await folderWithCorpus(t)
  const run = path.join(folder, 'run')
  const opened = await begin(folder, 'run')
  const seen: string[] = []
  for (const name of ['start', 'stage', 'evaluation', 'checkpoint', 'end'] as const) {
    opened.trainer.events.on(name, ({ step }) => void seen.push(`${name} ${step}`))
  }
  const outcome = await train(opened)
  t.like(outcome, {
    step: 20,
    stopped: false,
    checkpoint: path.join(run, 'checkpoints/step-00000020-stage-2'),
  })
  t.deepEqual(seen, [
    'start 0',
    'stage 0',
    'checkpoint 5',
    'evaluation 8',
    'checkpoint 8',
    'stage 8',
    'checkpoint 10',
    'checkpoint 15',
    'evaluation 20',
    'checkpoint 20',
    'end 20',
  ])
  const steps = linesOf(run, 'steps')
  t.deepEqual(
    steps.map(({ step }) => step),
    [2, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18, 20],
  )
  const labels = (task: string) => steps.filter(({ tasks }) => tasks[task]).length
  t.is(labels('sentence-distance'), 7)
  // The loss of a model that knows nothing is the logarithm of the number of classes.
  const { size } = opened.trainer.session.setup.source.corpora.tiny.vocabulary
  t.true(Math.abs(steps[0].tasks['knowledge-masking'].loss - Math.log(size)) < 0.3)
  t.true(Math.abs(steps[5].tasks['sentence-distance'].loss - Math.log(3)) < 0.2)
  const evaluations = JSON.parse(readFileSync(path.join(run, 'evaluation.json'), 'utf8'))
  t.deepEqual(
    evaluations.map(({ stage, task }: { stage: number; task: string }) => `${stage} ${task}`),
    ['1 knowledge-masking', '2 knowledge-masking', '2 sentence-distance'],
  )
  t.is(evaluations[2].baseline.accuracy, 1 / 3)
  t.deepEqual(readdirSync(run).sort(), [
    'checkpoints',
    'evaluation.json',
    'latest',
    'log.jsonl',
    'plan.json',
    'samples.json',
  ])
})

test('two runs of a plan are the same to the bit, with any number of workers', async (t) => {
  const folder = await folderWithCorpus(t)
  await train(await begin(folder, 'a'))
  await train(await begin(folder, 'b', { workers: 2, name: 'other', log: { every: 7, tensorboard: false } }))
  t.deepEqual(resultsOf(path.join(folder, 'b')), resultsOf(path.join(folder, 'a')))
  await train(await begin(folder, 'c', { seed: 2 }))
  t.notDeepEqual(resultsOf(path.join(folder, 'c')), resultsOf(path.join(folder, 'a')))
})

test('memory does not grow: what lives after 200 steps lived after 2', async (t) => {
  const folder = await folderWithCorpus(t)
  const opened = await begin(folder, 'run', {
    tasks: ['knowledge-masking'],
    iterations: 210,
    heldOut: {},
    checkpoint: { every: 0 },
  })
  const memories: { live: number; cached: number; peak: number }[] = []
  opened.trainer.events.on('step', ({ memory }) => void memories.push(memory))
  await train(opened)
  t.is(memories[199].live, memories[1].live)
  t.is(memories[199].cached, memories[99].cached)
  t.is(memories[199].peak, memories[99].peak)
})

test('gradients that are not finite change nothing, and too many of them end the run', async (t) => {
  const folder = await folderWithCorpus(t)
  const opened = await begin(folder, 'run', {
    schedule: { type: 'constant', learningRate: 1e30, warmup: 0 },
    maxSkipped: 4,
    iterations: 40,
    checkpoint: { every: 3 },
  })
  const error = await t.throwsAsync(train(opened), {
    name: 'EverlearnError',
    message: /4 steps in a row, up to step 5/,
  })
  t.regex(error.message, /the last good checkpoint is the beginning/)
  t.false(existsSync(path.join(folder, 'run/.lock')))
})

/** Float32 values of a safetensors file by name, in this test's own reading of the format. */
function tensorsOf(file: Buffer): Record<string, Float32Array> {
  const length = Number(file.readBigUInt64LE())
  const header = JSON.parse(file.toString('utf8', 8, 8 + length))
  const entries = Object.entries<{ data_offsets: [number, number] }>(header).filter(
    ([name]) => name !== '__metadata__',
  )
  return Object.fromEntries(
    entries.map(
      ([
        name,
        {
          data_offsets: [begin, end],
        },
      ]) => [
        name,
        new Float32Array(new Uint8Array(file.subarray(8 + length + begin, 8 + length + end)).buffer),
      ],
    ),
  )
}

test('the average of weights follows its formula, is what is evaluated, and is resumed to the bit', async (t) => {
  const folder = await folderWithCorpus(t)
  const decay = 0.75
  const changes: Partial<Plan> = {
    tasks: ['knowledge-masking'],
    iterations: 6,
    checkpoint: { every: 1, keep: 9 },
  }
  await train(await begin(folder, 'plain', changes))
  await train(await begin(folder, 'run', { ...changes, ema: decay }))
  const of = (run: string, step: string, file: string) =>
    readFileSync(path.join(folder, run, 'checkpoints', step, file))
  const steps = ['1', '2', '3', '4', '5', '6-stage-1'].map((step) => `step-0000000${step}`)
  let average: Record<string, Float32Array> = {}
  for (const [index, step] of steps.entries()) {
    const weights = tensorsOf(of('run', step, 'model.safetensors'))
    t.deepEqual(weights, tensorsOf(of('plain', step, 'model.safetensors')), 'training is as without it')
    average =
      index === 0
        ? weights
        : Object.fromEntries(
            Object.entries(weights).map(([name, values]) => [
              name,
              values.map((value, i) => decay * average[name][i] + (1 - decay) * value),
            ]),
          )
    const found = tensorsOf(of('run', step, 'ema.safetensors'))
    t.deepEqual(Object.keys(found).sort(), Object.keys(average).sort())
    for (const [name, values] of Object.entries(average)) {
      t.true(
        values.every((value, i) => Math.abs(value - found[name][i]) <= 1e-6),
        `${step} ${name}`,
      )
    }
  }
  const [own, plain] = ['run', 'plain'].map((run) =>
    JSON.parse(readFileSync(path.join(folder, run, 'evaluation.json'), 'utf8')),
  )
  t.not(own[0].loss, plain[0].loss)
  const before = resultsOf(path.join(folder, 'run'))
  await train(await resume(path.join(folder, 'run'), { checkpoint: 'step-00000003' }))
  t.deepEqual(resultsOf(path.join(folder, 'run')), before)
})

test('multi-task trains all tasks in one stage, continual one after another', async (t) => {
  const folder = await folderWithCorpus(t)
  const budgetsOf = async (method: Plan['method']) => {
    await train(await begin(folder, `${method}`, { method, iterations: 4 }))
    return linesOf(path.join(folder, `${method}`), 'stage').map(({ budgets, added }) => [budgets, added])
  }
  const both = { 'knowledge-masking': 4, 'sentence-distance': 4 }
  t.deepEqual(await budgetsOf('multi-task'), [[both, Object.keys(both)]])
  t.deepEqual(await budgetsOf('continual'), [
    [{ 'knowledge-masking': 4 }, ['knowledge-masking']],
    [{ 'sentence-distance': 4 }, ['sentence-distance']],
  ])
})
