import test from 'ava'
import type { MicroBatch, StepBatch } from '../../../lib/data/batch.ts'
import type { MultiTaskModel } from '../../../lib/nn/multi-task-model.ts'
import { openDevice } from '../../../lib/tensor/device.ts'
import { judgeClasses } from '../../../lib/train/evaluation/judge-classes.ts'

/** One step whose micro-batches have the labels given and an unused row each. */
function stepWith(labels: number[][]): StepBatch {
  const none = new Int32Array(64)
  const microBatches = labels.map((own): MicroBatch => {
    const index = Int32Array.of(...own.keys(), -1)
    const target = {
      task: 'order',
      index,
      rows: index,
      labels: Int32Array.of(...own, -100),
      valid: own.length,
    }
    return {
      tokens: 64,
      sequences: own.length,
      ids: none,
      positions: none,
      segments: none,
      tasks: none,
      rows: none,
      offsets: Int32Array.of(0, 64),
      firstSlot: 0,
      targets: [target],
    }
  })
  const counts = { order: labels.flat().length }
  return {
    step: 0,
    stage: 0,
    corpus: 'books',
    sentenceTask: 'order',
    tokenTasks: [],
    microBatches,
    counts,
    tokens: 64 * labels.length,
    release() {},
  }
}

test('classes by hand: the loss, what is predicted, and groups among themselves', async (t) => {
  const device = await openDevice()
  const [big, nothing] = [Math.log(6), 99]
  // Three classes of p 6 / 8, 1 / 8, 1 / 8 and their likes; the fourth column is padding.
  const logits = [
    [
      [big, 0, 0, nothing],
      [0, big, 0, nothing],
      [nothing, nothing, nothing, nothing],
    ],
    [
      [big, 0, -1, nothing],
      [0, 0, 0, nothing],
      [nothing, nothing, nothing, nothing],
    ],
  ]
  const waiting = [...logits]
  const model = {
    head: () => ({ classes: 3 }),
    predict: () => device.tensor(Float32Array.from(waiting.shift()!.flat()), [3, 4], 'float32'),
  } as unknown as MultiTaskModel
  const steps = [
    stepWith([
      [0, 0],
      [1, 2],
    ]),
  ]
  const groups = [
    { name: 'first', classes: [0] },
    { name: 'others', classes: [1, 2] },
  ]
  const live = device.memory().live
  const judged = (await judgeClasses(device, model, 'order', steps, groups, () => false))!
  t.is(device.memory().live, live)
  t.deepEqual(judged.labels, [0, 0, 1, 2])
  // Of equal ones the first.
  t.deepEqual(judged.predictions, [0, 1, 0, 0])
  const losses = [Math.log(8 / 6), Math.log(8), Math.log(7 + Math.exp(-1)), Math.log(3)]
  t.true(Math.abs(judged.loss - losses.reduce((a, b) => a + b) / 4) < 1e-6)
  // Label 1 is the likelier of classes 1 and 2, label 2 is not: the first of equal ones is said.
  t.deepEqual(judged.groups, [
    { name: 'first', labels: 2, accuracy: 1, chance: 1 },
    { name: 'others', labels: 2, accuracy: 1 / 2, chance: 1 / 2 },
  ])
  t.is(await judgeClasses(device, model, 'order', steps, groups, () => true), null)
  device.close()
})
