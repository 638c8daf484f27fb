import { Arena } from '../nn/arena.ts'
import { linearAt, linearSpecs } from '../nn/linear.ts'
import { linear } from '../ops/linear.ts'
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy.ts'
import { AdamW } from '../optim/adamw.ts'
import { linearDecay } from '../optim/schedules.ts'
import type { Device } from '../tensor/device.ts'

const steps = 300
const peak = 0.02

/**
 * Multinomial logistic regression on all rows at once: Adam with decay of the weights, from zero; features are brought to
 * mean 0 and deviation 1 first, by the training rows.
 *
 * @param train, dev features, row-major, and class ids of the training rows
 * @returns the likeliest class of each row of dev
 */
export async function logisticRegression(
  device: Device,
  train: { features: Float32Array; labels: readonly number[] },
  dev: Float32Array,
  classes: number,
): Promise<number[]> {
  const rows = train.labels.length
  const width = train.features.length / rows
  const { mean, deviation } = momentsOf(train.features, width)
  const standardised = (features: Float32Array) =>
    features.map((value, i) => (value - mean[i % width]) / deviation[i % width])
  const arena = new Arena(device, 'logistic-regression', linearSpecs('classifier', width, classes, 0), 0)
  const optimizer = new AdamW(device, { beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, maximumNorm: 0 })
  const { weight, bias } = linearAt(arena, 'classifier')
  const rate = linearDecay({ peak, warmup: 0, total: steps + 1 })
  using _scope = device.scope()
  try {
    const x = device.tensor(standardised(train.features), [rows, width])
    const labels = device.tensor(Int32Array.from(train.labels))
    const scale = device.tensor([1 / rows])
    for (let step = 1; step <= steps; step++) {
      await device.ready()
      using _step = device.scope()
      using tape = device.tape()
      tape.backward([softmaxCrossEntropy(linear(x, weight, bias), labels, { scale })])
      optimizer.step([arena], rate(step))
    }
    const judged = device.tensor(standardised(dev), [dev.length / width, width])
    const logits = await linear(judged, weight, bias).read()
    return Array.from({ length: dev.length / width }, (_, row) => {
      const own = logits.subarray(row * classes, (row + 1) * classes)
      return own.indexOf(Math.max(...own))
    })
  } finally {
    optimizer.dispose()
    arena.dispose()
  }
}

/** Of each column; the deviation of one that never changes is 1. */
function momentsOf(features: Float32Array, width: number): Record<'mean' | 'deviation', Float64Array> {
  const rows = features.length / width
  const mean = new Float64Array(width)
  const deviation = new Float64Array(width)
  for (const [i, value] of features.entries()) mean[i % width] += value / rows
  for (const [i, value] of features.entries()) deviation[i % width] += (value - mean[i % width]) ** 2 / rows
  return { mean, deviation: deviation.map((variance) => Math.sqrt(variance) || 1) }
}
