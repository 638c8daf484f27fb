import test from 'ava'
import { createRandom } from '../../lib/data/random.ts'
import { linearProbe } from '../../lib/finetune/linear-probe.ts'
import { logisticRegression } from '../../lib/finetune/logistic-regression.ts'
import { openEncoder } from '../../lib/finetune/open-encoder.ts'
import { combineFeatures, textFeatures } from '../../lib/finetune/text-features.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import { plumExamples, plumTask, smallEncoderFolder } from '../helpers/text-classes.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

test('features of a text are the mean over its tokens, in whatever company', async (t) => {
  const folder = await smallEncoderFolder(temporaryFolder(t))
  const device = await openDevice()
  const { model, wordPiece } = await openEncoder(device, folder, { seed: 1, dtype: 'float32' })
  const texts = ['red apple', 'plum', 'a table by the river road', 'blue']
  const limits = { maxLength: 32, microBatchTokens: 64 }
  const together = await textFeatures(model, wordPiece, texts, limits)
  for (const [index, text] of texts.entries()) {
    const { ids } = wordPiece.encode(text)
    const { cls, sep } = wordPiece.vocabulary
    const input = Int32Array.from([cls, ...ids, sep])
    const constant = (value: number) => device.tensor(new Int32Array(input.length).fill(value))
    const hidden = await model.encoder
      .encode({
        ids: device.tensor(input),
        positions: device.tensor(input.map((_, position) => position)),
        segments: constant(0),
        tasks: constant(0),
        rows: constant(0),
        offsets: device.tensor(Int32Array.of(0, input.length)),
      })
      .toFloat32()
    for (let k = 0; k < 32; k++) {
      let mean = 0
      for (let token = 0; token < input.length; token++) mean += hidden[token * 32 + k] / input.length
      t.true(Math.abs(together[index * 32 + k] - mean) < 1e-5)
    }
  }
  model.dispose()
  device.close()
})

test('features of a pair: both, their distance, their product', (t) => {
  const u = Float32Array.of(1, 2, 3, 4)
  const v = Float32Array.of(0, 5, -1, 4)
  t.deepEqual([...combineFeatures([u, v], 2)], [1, 2, 0, 5, 1, 3, 0, 10, 3, 4, -1, 4, 4, 0, -3, 16])
  t.is(combineFeatures([u], 2), u)
})

test('logistic regression finds the feature that counts, on any scale', async (t) => {
  const device = await openDevice()
  const random = createRandom(1, 'regression')
  /** Three classes by the first feature alone, of three: the second is noise, the third never changes. */
  const rows = (count: number) => {
    const labels = Array.from({ length: count }, () => random.below(3))
    const features = labels.flatMap((label) => [1000 + 10 * label + random.uniform(), random.uniform(), 7])
    return { features: Float32Array.from(features), labels }
  }
  const dev = rows(50)
  t.deepEqual(await logisticRegression(device, rows(120), dev.features, 3), dev.labels)
  device.close()
})

test('a word is found by a linear probe, the same each time; nothing is trained', async (t) => {
  const from = await smallEncoderFolder(temporaryFolder(t))
  const options = { from, train: plumExamples(200, 1), dev: plumExamples(100, 2), maxLength: 32 }
  const found = await linearProbe(plumTask, options)
  // Of a mean over at most ten tokens one word is a tenth: that much a line can tell.
  t.true(found.accuracy > 0.9, `${found.accuracy}`)
  t.deepEqual(found.rows, { train: 200, dev: 100 })
  t.is(found.majority.accuracy, 0.5)
  t.is(
    found.predictions.filter((prediction, row) => prediction === options.dev[row].label).length,
    100 * found.accuracy,
  )
  t.deepEqual(await linearProbe(plumTask, options), found)
  await t.throwsAsync(linearProbe(plumTask, { ...options, train: options.train.slice(0, 1) }), {
    code: 'CLASSES_MISSING',
  })
})
