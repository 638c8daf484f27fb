/**
 * What the trainer costs: the same steps of a mini encoder on two tasks by the trainer (data workers, figures read and
 * logged, events), and as bare native work whose batches lie ready and of which nothing is read. Both in turns, from the same
 * weights. Prints the medians and the share of a step that is not native work.
 *
 *     npx tsx bench/trainer-overhead.ts [--steps 40] [--rounds 3] [--data ../shared/data] [--json FILE]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { median } from '../lib/bench/training-step.ts'
import { assembleStep } from '../lib/data/assemble.ts'
import { checkPlan, openDevice, prepare, pretrain } from '../lib/index.ts'
import { addHeads, beginSession, type Session } from '../lib/train/session.ts'
import { openSetup } from '../lib/train/setup.ts'
import { trainMicroBatch } from '../lib/train/train-micro-batch.ts'

const { values: given } = parseArgs({
  options: {
    steps: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '3' },
    data: { type: 'string', default: '../shared/data' },
    json: { type: 'string' },
  },
})
const [steps, rounds] = [Number(given.steps), Number(given.rounds)]
/** Steps before the time is taken. */
const warmup = 5

const folder = mkdtempSync(path.join(tmpdir(), 'everlearn-overhead-'))
const at = (name: string) => path.join(folder, name)
await prepare({
  inputs: [path.join(given.data, 'pretrain/en-encyclopedia/enwiki-2015-sample.txt.gz')],
  vocabulary: path.join(given.data, 'vocab/ernie-2.0-vocab_en.txt.gz'),
  out: at('corpus'),
  language: 'en',
  lowerCase: true,
})
const plan = checkPlan(
  {
    encoder: 'mini',
    corpora: { encyclopedia: at('corpus') },
    tasks: ['knowledge-masking', 'sentence-distance'],
    method: 'multi-task',
    iterations: steps + warmup,
    tokensPerStep: 4096,
    precision: 'float32',
    checkpoint: { every: 0 },
  },
  folder,
)

/** Milliseconds of a step by the trainer, everything on as in any run. */
async function byTrainer(round: number): Promise<number> {
  const run = await pretrain(plan, at(`run-${round}`))
  const times: number[] = []
  run.trainer.events.on('step', () => void times.push(performance.now()))
  await run.trainer.run()
  run.close()
  return (times[warmup + steps - 1] - times[warmup - 1]) / steps
}

/** Milliseconds of a step when the queue of native work never runs dry. */
async function bare({ device, setup, model, optimizer, inputs }: Session): Promise<number> {
  const { tokens, sequences, masked } = plan.microBatch
  const batches = [...setup.steps([]).from(0)].map((step) =>
    assembleStep(setup.source, step, { tokens, sequences, maskedRows: masked }),
  )
  let begin = 0
  for (const [index, batch] of batches.entries()) {
    if (index === warmup) {
      await device.synchronize()
      begin = performance.now()
    }
    const tasks = Object.keys(batch.counts)
    device.write(inputs.step, Int32Array.of(batch.step))
    for (const task of tasks) device.write(inputs.scales[task], [1 / Math.max(1, batch.counts[task])])
    for (const microBatch of batch.microBatches) {
      await device.ready()
      trainMicroBatch(model, microBatch, inputs, {
        randomness: inputs.randomness(plan.seed),
        lossScale: null,
      })
    }
    optimizer.step(model.arenas(tasks), 1e-5)
  }
  await device.synchronize()
  return (performance.now() - begin) / (batches.length - warmup)
}

async function byItself(): Promise<number> {
  const device = await openDevice()
  const setup = await openSetup(plan)
  const session = beginSession(device, setup)
  addHeads(session, 0)
  try {
    return await bare(session)
  } finally {
    session.close()
    setup.close()
    device.close()
  }
}

const found: { trainer: number[]; bare: number[] } = { trainer: [], bare: [] }
for (let round = 0; round < rounds; round++) {
  found.bare.push(await byItself())
  found.trainer.push(await byTrainer(round))
  console.error(
    `round ${round + 1}: trainer ${found.trainer[round].toFixed(1)} ms, bare ${found.bare[round].toFixed(1)} ms`,
  )
}
rmSync(folder, { recursive: true })
const [trainer, native] = [median(found.trainer), median(found.bare)]
const overhead = 1 - native / trainer
console.log(
  `a step of ${plan.tokensPerStep} tokens: trainer ${trainer.toFixed(1)} ms, native work ${native.toFixed(1)} ms, ` +
    `overhead ${(100 * overhead).toFixed(1)} %`,
)
if (given.json) writeFileSync(given.json, `${JSON.stringify({ ...found, overhead }, null, 1)}\n`)
