import { readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { loadErnie } from '../../lib/interop/load-ernie.ts'
import { loadLstm } from '../../lib/interop/load-lstm.ts'
import { modelTensors } from '../../lib/interop/model-tensors.ts'
import { readSafetensors } from '../../lib/interop/read-safetensors.ts'
import { floatValues } from '../../lib/interop/safetensors.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import type { Plan } from '../../lib/train/plan.ts'
import { pretrain, resume } from '../../lib/train/pretrain.ts'
import { filesBelow, temporaryFolder, tinyCorpus, tinyRunPlan } from '../helpers/tiny-run.ts'

const lstm: Partial<Plan> = {
  encoder: { type: 'lstm', layers: 2, hiddenSize: 32 },
  iterations: { 'knowledge-masking': 60, 'sentence-distance': 20 },
  schedule: { learningRate: 1e-2, warmup: 4 },
}

test('an LSTM trains by the same plan, and resumes to the bit', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const straight = await pretrain(tinyRunPlan(folder, lstm), path.join(folder, 'straight'))
  const losses: number[] = []
  straight.trainer.events.on('step', ({ tasks }) => {
    const { loss, labels } = tasks['knowledge-masking'] ?? { loss: 0, labels: 0 }
    if (labels > 0) losses.push(loss / labels)
  })
  const { checkpoint } = await straight.trainer.run()
  straight.close()
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length
  const [first, last] = [mean(losses.slice(0, 5)), mean(losses.slice(-5))]
  t.true(last < first - 0.3, `masking's loss: ${first} to ${last}`)

  const run = path.join(folder, 'run')
  // Layers made again in the backward, and a stop inside the second stage, change nothing.
  const plan = tinyRunPlan(folder, { ...lstm, activationCheckpointing: true })
  const stopped = await pretrain(plan, run)
  stopped.trainer.events.on('step', ({ step }) => {
    if (step >= 47) stopped.trainer.stop()
  })
  t.true((await stopped.trainer.run()).stopped)
  stopped.close()
  const resumed = await resume(run)
  const end = await resumed.trainer.run()
  resumed.close()
  t.false(end.stopped)
  t.deepEqual(filesBelow(end.checkpoint), filesBelow(checkpoint))

  const config = JSON.parse(readFileSync(path.join(checkpoint, 'config.json'), 'utf8'))
  t.like(config, { model_type: 'everlearn-lstm', hidden_size: 32, num_hidden_layers: 2 })
  const device = await openDevice()
  const { model, vocabularyFile, lowerCase } = loadLstm(device, checkpoint, { maskedLanguageModel: 'words' })
  t.deepEqual([vocabularyFile, lowerCase], [path.join(checkpoint, 'vocab.txt'), true])
  const { tensors } = readSafetensors(path.join(checkpoint, 'model.safetensors'))
  const loaded = await modelTensors(model)
  t.deepEqual(
    [...loaded.keys()].sort(),
    [...tensors.keys()].filter((name) => !name.startsWith('heads.')).sort(),
  )
  for (const [name, { data }] of loaded)
    t.deepEqual(data, floatValues(tensors.get(name)!, name, checkpoint), name)
  model.dispose()
  t.throws(() => loadErnie(device, checkpoint), {
    code: 'CHECKPOINT',
    message: /"everlearn-lstm"; ernie and bert/,
  })
  device.close()
})
