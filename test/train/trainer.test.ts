import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { Plan } from '../../lib/train/plan.ts'
import { type OpenRun, pretrain, resume } from '../../lib/train/pretrain.ts'
import type { Outcome } from '../../lib/train/trainer.ts'
import { filesBelow, linesOf, temporaryFolder, tinyCorpus, tinyRunPlan } from '../helpers/tiny-run.ts'

async function folderWithCorpus(t: ExecutionContext): Promise<string> {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  return folder
}

async function train(run: OpenRun): Promise<Outcome> {
  try {
    return await run.trainer.run()
  } finally {
    run.close()
  }
}

const begin = (folder: string, name: string, changes: Partial<Plan> = {}) =>
  pretrain(tinyRunPlan(folder, changes), path.join(folder, name))

/** What is compared of a run: everything that holds no time. */
function resultsOf(run: string): Record<string, Buffer> {
  const { 'log.jsonl': _log, 'plan.json': _plan, ...files } = filesBelow(run)
  return files
}

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
