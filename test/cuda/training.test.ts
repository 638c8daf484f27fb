import test from 'ava'
import { trainedWeights } from './trained-weights.ts'

// What only a GPU can show; npm run test:cuda sets EVERLEARN_BACKEND, and elsewhere there is nothing to run.
const onGpu = process.env.EVERLEARN_BACKEND?.startsWith('cuda') ? test.serial : test.skip

for (const precision of ['float32', 'bfloat16', 'float16'] as const)
  onGpu(`three runs in ${precision} end in the same bits`, async (t) => {
    const runs = []
    for (let run = 0; run < 3; run++)
      runs.push(await trainedWeights({ steps: 3, precision, attentionDropout: 0.1 }))
    t.is(new Set(runs.map(({ hash }) => hash)).size, 1)
    t.true(runs[0].losses.every(Number.isFinite))
  })

onGpu('steps as graphs end in the same bits', async (t) => {
  const options = { steps: 5, precision: 'bfloat16', attentionDropout: 0.1 } as const
  t.deepEqual(await trainedWeights({ ...options, graphs: true }), await trainedWeights(options))
})

onGpu('losses are those of the CPU while attention drops nothing', async (t) => {
  const options = { steps: 3, precision: 'float32', attentionDropout: 0 } as const
  const [gpu, cpu] = [await trainedWeights(options), await trainedWeights({ ...options, device: 'cpu' })]
  for (const [step, loss] of cpu.losses.entries())
    t.true(
      Math.abs(gpu.losses[step] - loss) <= 1e-4 * Math.abs(loss),
      `step ${step}: ${gpu.losses[step]}, ${loss}`,
    )
})
