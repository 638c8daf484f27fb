import { cpSync, rmSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { fineTune } from '../../lib/finetune/fine-tune.ts'
import type { FineTuneOptions } from '../../lib/finetune/options.ts'
import { pretrain } from '../../lib/train/pretrain.ts'
import { plumExamples, plumTask, smallEncoderFolder } from '../helpers/text-classes.ts'
import { temporaryFolder, tinyCorpus, tinyRunPlan } from '../helpers/tiny-run.ts'

const settings = {
  train: plumExamples(256, 1),
  dev: plumExamples(100, 2),
  epochs: 4,
  batchSize: 16,
  learningRate: 5e-3,
  maxLength: 32,
  precision: 'float32',
} satisfies Partial<FineTuneOptions>

test('a set that can be learned is learned; figures, steps and the majority are right', async (t) => {
  const from = await smallEncoderFolder(temporaryFolder(t))
  const seen: number[] = []
  const { epochs, steps, rows, tokens, majority } = await fineTune(plumTask, {
    ...settings,
    from,
    onStep: ({ step, loss }) => {
      t.true(Number.isFinite(loss))
      seen.push(step)
    },
  })
  t.is(epochs.length, 4)
  t.is(steps, 64)
  t.deepEqual(
    seen,
    Array.from({ length: 64 }, (_, index) => index + 1),
  )
  t.deepEqual(rows, { train: 256, dev: 100 })
  const inputs = settings.train.reduce((sum, { texts: [text] }) => sum + text.split(' ').length + 2, 0)
  t.is(tokens, 4 * inputs)
  const { accuracy, macroF1, f1, matthews, loss, predictions } = epochs[3]
  t.deepEqual({ accuracy, macroF1, f1, matthews }, { accuracy: 1, macroF1: 1, f1: 1, matthews: 1 })
  t.true(loss < 0.1)
  t.deepEqual(
    predictions,
    settings.dev.map(({ label }) => label),
  )
  // Half of the rows are of either class; of two alike the first is said.
  t.deepEqual(majority, { accuracy: 0.5, macroF1: 1 / 3, f1: 0, matthews: 0 })
})

test('labels that have nothing to do with the text are not learned', async (t) => {
  const from = await smallEncoderFolder(temporaryFolder(t))
  const mixed = (count: number, seed: number) =>
    plumExamples(count, seed).map(({ texts }, index) => ({ texts, label: (index >> 1) % 2 }))
  const { epochs } = await fineTune(plumTask, { ...settings, from, train: mixed(256, 1), dev: mixed(100, 2) })
  const { accuracy } = epochs[3]
  t.true(accuracy > 0.3 && accuracy < 0.7, `${accuracy}`)
})

test('the same options give the same figures to the bit, another seed others', async (t) => {
  const from = await smallEncoderFolder(temporaryFolder(t))
  const short = { ...settings, from, epochs: 1, dropout: 0.1 }
  const first = await fineTune(plumTask, short)
  t.deepEqual(await fineTune(plumTask, short), first)
  t.not((await fineTune(plumTask, { ...short, seed: 2 })).epochs[0].loss, first.epochs[0].loss)
  t.not((await fineTune(plumTask, { ...short, newPooler: true })).epochs[0].loss, first.epochs[0].loss)
})

test('how a step is cut into micro-batches does not matter, up to rounding', async (t) => {
  const from = await smallEncoderFolder(temporaryFolder(t))
  const short = { ...settings, from, epochs: 1, dropout: 0.1 }
  const whole = await fineTune(plumTask, short)
  const parts = await fineTune(plumTask, { ...short, microBatchTokens: 64 })
  t.true(Math.abs(whole.epochs[0].loss - parts.epochs[0].loss) < 1e-3)
})

test('a run gives its latest checkpoint, and of it the average of the weights', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const run = path.join(folder, 'run')
  const { trainer, close } = await pretrain(tinyRunPlan(folder, { iterations: 2, ema: 0.9 }), run)
  const { checkpoint } = await trainer.run()
  close()
  const short = { ...settings, epochs: 1, maxLength: 24 }
  const ofRun = await fineTune(plumTask, { ...short, from: run })
  t.is(ofRun.from, checkpoint)
  t.deepEqual(await fineTune(plumTask, { ...short, from: checkpoint }), ofRun)
  const without = path.join(folder, 'without')
  cpSync(checkpoint, without, { recursive: true })
  rmSync(path.join(without, 'ema.safetensors'))
  const ofLast = await fineTune(plumTask, { ...short, from: without })
  t.not(ofLast.epochs[0].loss, ofRun.epochs[0].loss)
})

test('an encoder of LSTM layers is fine-tuned too', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const run = path.join(folder, 'run')
  const encoder = { type: 'lstm', layers: 1, hiddenSize: 32 } as const
  const { trainer, close } = await pretrain(tinyRunPlan(folder, { encoder, iterations: 2 }), run)
  await trainer.run()
  close()
  const losses: number[] = []
  await fineTune(plumTask, { ...settings, from: run, onStep: ({ loss }) => losses.push(loss) })
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  t.true(mean(losses.slice(-16)) < mean(losses.slice(0, 16)) - 0.1)
})

test('refused: what cannot be fine-tuned', async (t) => {
  const folder = temporaryFolder(t)
  const from = await smallEncoderFolder(folder)
  const refused = (changes: Partial<FineTuneOptions>, code: string, message: RegExp) =>
    t.throwsAsync(fineTune(plumTask, { ...settings, from, ...changes }), { code, message })
  const [row] = settings.train
  await refused({ train: [row, row] }, 'CLASSES_MISSING', /all 2 training rows of plum are "without"/)
  await refused({ dev: [] }, 'TABLE_EMPTY', /plum has no rows in dev/)
  await refused(
    { train: [{ ...row, label: 2 }] },
    'LABEL_UNKNOWN',
    /row 0 of train has the class 2; .*0 to 1/,
  )
  await refused(
    { dev: [{ ...row, texts: ['a', 'b'] }] },
    'ROW_INVALID',
    /row 0 of dev has 2 texts; plum is about 1/,
  )
  await refused({ epochs: 0 }, 'OPTION_INVALID', /epochs is 0; a whole number of at least 1/)
  await refused({ learningRate: -1 }, 'OPTION_INVALID', /learningRate is -1; a number above 0/)
  await refused({ dropout: 1 }, 'OPTION_INVALID', /dropout is 1; .*below 1/)
  await refused({ maxLength: 128 }, 'OPTION_INVALID', /maxLength is 128, but .* has 64 positions/)
  await refused({ from: path.join(folder, 'none') }, 'CHECKPOINT', /none/)
  rmSync(path.join(from, 'vocab.txt'))
  await refused({}, 'VOCABULARY_MISSING', /has no vocab\.txt/)
})

test('gradients that are not finite end it', async (t) => {
  const from = await smallEncoderFolder(temporaryFolder(t))
  const absurd = { ...settings, from, learningRate: 1e38, warmup: 0 }
  await t.throwsAsync(fineTune(plumTask, absurd), { code: 'TRAINING_DIVERGED', message: /20 steps in a row/ })
})
