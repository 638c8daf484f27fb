import path from 'node:path'
import test from 'ava'
import { pretrain } from '../../lib/train/pretrain.ts'
import { temporaryFolder, tinyCorpus, tinyRunPlan } from '../helpers/tiny-run.ts'

test('a timer of 10 ms keeps firing while steps run', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  // A step of these takes half a second on any machine that this runs on, most of it in one micro-batch.
  const plan = tinyRunPlan(folder, {
    encoder: { layers: 4, hiddenSize: 256, heads: 4 },
    tasks: ['knowledge-masking'],
    iterations: 4,
    tokensPerStep: 8192,
    microBatch: { tokens: 8192, sequences: 256, masked: 4096 },
    heldOut: {},
    workers: 1,
  })
  const run = await pretrain(plan, path.join(folder, 'run'))
  let ticks = 0
  const ticksOfSteps: number[] = []
  const timer = setInterval(() => ticks++, 10)
  run.trainer.events.on('step', () => {
    ticksOfSteps.push(ticks)
    ticks = 0
  })
  await run.trainer.run()
  clearInterval(timer)
  run.close()
  t.log(`ticks before each report: ${ticksOfSteps.join(', ')}`)
  for (const count of ticksOfSteps) t.true(count >= 10)
})
