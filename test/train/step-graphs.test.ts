import { readFileSync } from 'node:fs'
import path from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { floatValues, parseSafetensors } from '../../lib/interop/safetensors.ts'
import { latestCheckpoint } from '../../lib/train/checkpoint/checkpoint.ts'
import type { Plan } from '../../lib/train/plan.ts'
import { type OpenRun, pretrain, resume } from '../../lib/train/pretrain.ts'
import { isClose } from '../helpers/compare.ts'
import { filesBelow, linesOf, temporaryFolder, tinyCorpus, tinyRunPlan } from '../helpers/tiny-run.ts'

/** Trains to the end; how often JavaScript went through the model in training. */
async function train({ trainer, close }: OpenRun): Promise<number> {
  const { model } = trainer.session
  let passes = 0
  const forward = model.forward.bind(model)
  model.forward = (batch, targets, pass) => {
    if (pass?.randomness) passes++
    return forward(batch, targets, pass)
  }
  try {
    await trainer.run()
  } finally {
    close()
  }
  return passes
}

async function begin(t: ExecutionContext, changes: Partial<Plan> = {}) {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const run = (name: string, more: Partial<Plan> = {}) =>
    pretrain(tinyRunPlan(folder, { ema: 0.9, iterations: 8, ...changes, ...more }), path.join(folder, name))
  return { run, at: (name: string) => path.join(folder, name) }
}

const latestOf = (run: string) => path.join(run, 'checkpoints', latestCheckpoint(run) as string)

const weightsOf = (run: string) => {
  const file = path.join(latestOf(run), 'model.safetensors')
  const { tensors } = parseSafetensors(readFileSync(file), file)
  return Float32Array.from([...tensors].flatMap(([name, tensor]) => [...floatValues(tensor, name, file)]))
}

const lossesOf = (run: string) =>
  linesOf(run, 'steps').flatMap(({ tasks }) => Object.values<{ loss: number }>(tasks).map(({ loss }) => loss))

test('steps as graphs are the same steps', async (t) => {
  const { run, at } = await begin(t)
  const plainly = await train(await run('plain'))
  const recorded = await train(await run('graphs', { cudaGraphs: true }))
  t.true(recorded < plainly / 2, `${recorded} passes, ${plainly} without graphs`)
  isClose(t, lossesOf(at('graphs')), lossesOf(at('plain')), 1e-5, 'losses')
  isClose(t, weightsOf(at('graphs')), weightsOf(at('plain')), 1e-4, 'weights')
})

test('a step is the same to the bit whether it is recorded, run again or neither', async (t) => {
  const { run, at } = await begin(t, { cudaGraphs: true, dropout: 0.1 })
  await train(await run('whole'))
  const first = await run('parts')
  first.trainer.events.on('step', ({ step }) => {
    if (step === 5) first.trainer.stop()
  })
  await train(first)
  await train(await resume(at('parts')))
  t.deepEqual(filesBelow(latestOf(at('parts'))), filesBelow(latestOf(at('whole'))))
})
