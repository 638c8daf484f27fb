/**
 * Training speed of the LSTM encoder (`mini`, 32 × 128 tokens) beside torch.nn.LSTM in the same model: same weights,
 * batch and masked positions, first losses compared, steps in turns. Also what activation checkpointing costs and saves.
 *
 *     npx tsx bench/lstm.ts --python .venv/bin/python [--steps 10] [--precision float32]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchVocabularySize } from '../lib/bench/cases.ts'
import { makeSyntheticBatch, writeSyntheticBatch } from '../lib/bench/synthetic-batch.ts'
import {
  type BenchModel,
  benchLoss,
  benchModelOf,
  disposeBenchModel,
  median,
  runBenchSteps,
} from '../lib/bench/training-step.ts'
import { modelTensors } from '../lib/interop/model-tensors.ts'
import { writeSafetensors } from '../lib/interop/write-safetensors.ts'
import { lstmConfig } from '../lib/nn/lstm-config.ts'
import { LstmEncoder } from '../lib/nn/lstm-encoder.ts'
import { openDevice } from '../lib/tensor/device.ts'
import { startPeer } from './pytorch.ts'

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    steps: { type: 'string', default: '10' },
    precision: { type: 'string', default: 'float32' },
  },
})
const steps = Number(options.steps)
const precision = options.precision === 'bfloat16' ? 'bfloat16' : 'float32'
const stepsInTurn = 5
const warmUp = 2
const seed = 1

const folder = mkdtempSync(join(tmpdir(), 'everlearn-bench-'))
const batch = makeSyntheticBatch(32, 128, benchVocabularySize)
const config = lstmConfig('mini', benchVocabularySize)

/** A device of its own, so that its peak of memory is this model's. */
async function build(activationCheckpointing: boolean): Promise<BenchModel> {
  const device = await openDevice()
  const encoder = new LstmEncoder(device, config, { dtype: precision, seed, activationCheckpointing })
  return benchModelOf(encoder, precision)
}

const shown = (side: string, milliseconds: number, more = '') =>
  console.log(
    `${side}: ${milliseconds.toFixed(0)} ms a step, ${((batch.tokens / milliseconds) * 1e3).toFixed(0)} tokens/s${more}`,
  )

try {
  const built = await build(false)
  const { device } = built.model.encoder
  const [model, batchFile] = [join(folder, 'model.safetensors'), join(folder, 'batch.safetensors')]
  writeSafetensors(model, await modelTensors(built.model))
  writeSyntheticBatch(batchFile, batch)
  const { threads } = device.info()
  const script = 'pytorch_lstm.py'
  const peer = startPeer({
    script,
    python: options.python,
    model,
    batch: batchFile,
    precision,
    threads,
    flags: [],
  })
  const [loss, peerLoss] = [await benchLoss(built, batch), await peer.loss()]
  console.log(
    `${JSON.stringify(device.info())}; first losses ${loss.toFixed(5)}, PyTorch's ${peerLoss.toFixed(5)}`,
  )
  if (!(Math.abs(loss - peerLoss) <= (precision === 'float32' ? 1e-4 : 2e-2) * peerLoss))
    throw new Error('the first losses differ: these are not the same models')
  await runBenchSteps(built, batch, warmUp)
  await peer.run(warmUp)
  const [ours, theirs]: number[][] = [[], []]
  while (ours.length < steps) {
    ours.push(...(await runBenchSteps(built, batch, stepsInTurn)))
    theirs.push(...(await peer.run(stepsInTurn)))
  }
  peer.close()
  const { peak } = device.memory()
  shown('everlearn', median(ours), `, ${(peak / 1e6).toFixed(0)} MB`)
  shown('PyTorch', median(theirs))
  console.log(`${(median(theirs) / median(ours)).toFixed(2)} × PyTorch`)
  disposeBenchModel(built)
  device.close()

  const remade = await build(true)
  await runBenchSteps(remade, batch, warmUp)
  const times = await runBenchSteps(remade, batch, stepsInTurn)
  const { device: own } = remade.model.encoder
  shown('with activation checkpointing', median(times), `, ${(own.memory().peak / 1e6).toFixed(0)} MB`)
  disposeBenchModel(remade)
  own.close()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
