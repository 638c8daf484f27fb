import test from 'ava'
import { fineTune } from '../../lib/finetune/fine-tune.ts'
import { plumExamples, plumTask, smallEncoderFolder } from '../helpers/text-classes.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

/**
 * Losses of the steps, and of the rows judged after each epoch, as PyTorch 2.13 gives them from the same initial values
 * and order of rows: transformers' ErnieModel (eager attention, no dropout) and a linear layer on its pooler_output,
 * clip_grad_norm_ 1, torch.optim.AdamW (0.9, 0.999, 1e-8) with weight decay on parameters of rank above one, the rate
 * of step s of 16 being 1e-2 · s / 4 up to step 4, then 1e-2 · (17 − s) / 13.
 */
const golden = {
  steps: [
    0.693155, 0.700358, 0.69738, 0.693148, 0.683126, 0.686011, 0.724732, 0.79032, 0.677839, 0.698565,
    0.698083, 0.696044, 0.6921, 0.684261, 0.690747, 0.669246,
  ],
  epochs: [0.693333, 0.695503, 0.689653, 0.67753],
}

test("fine-tuning takes PyTorch's steps", async (t) => {
  const losses: number[] = []
  const { epochs } = await fineTune(plumTask, {
    from: await smallEncoderFolder(temporaryFolder(t)),
    train: plumExamples(60, 3),
    dev: plumExamples(30, 4),
    epochs: 4,
    batchSize: 16,
    learningRate: 1e-2,
    warmup: 0.25,
    weightDecay: 0.01,
    maxLength: 32,
    precision: 'float32',
    onStep: ({ loss }) => losses.push(loss),
  })
  const found = [...losses, ...epochs.map(({ loss }) => loss)]
  const wanted = [...golden.steps, ...golden.epochs]
  t.is(found.length, wanted.length)
  for (const [index, loss] of found.entries()) {
    // Rounding grows from step to step.
    t.true(Math.abs(loss - wanted[index]) < 1e-3, `${index}: ${loss}, not ${wanted[index]}`)
  }
  t.true(Math.abs(losses[1] - golden.steps[1]) < 2e-5)
})
