const path = require('node:path')

const sample = path.join(__dirname, 'node_modules/everlearn/examples/quickstart/data')

/** Prepares the shipped sample and trains three steps, as a user would; the losses, and the shared libraries loaded. */
module.exports = async function threeSteps({ prepare, checkPlan, pretrain }, folder) {
  await prepare({
    inputs: [path.join(sample, 'books.txt.gz')],
    vocabulary: path.join(sample, 'vocab.txt.gz'),
    out: `${folder}/corpus`,
    language: 'en',
    lowerCase: true,
  })
  const plan = checkPlan(
    {
      encoder: { layers: 1, hiddenSize: 64, heads: 1 },
      corpora: { books: 'corpus' },
      tasks: ['knowledge-masking'],
      iterations: 3,
      tokensPerStep: 2048,
      schedule: { type: 'constant', learningRate: 1e-2, warmup: 0 },
      workers: 1,
    },
    path.resolve(folder),
  )
  const run = await pretrain(plan, `${folder}/run`)
  const losses = []
  run.trainer.events.on('step', ({ tasks }) => {
    const { loss, labels } = tasks['knowledge-masking']
    losses.push(loss / labels)
  })
  await run.trainer.run()
  run.close()
  return { losses, libraries: process.report.getReport().sharedObjects }
}
