import type { StepBatch } from '../data/batch.ts'
import type { StepReport } from './events.ts'
import { trainingOperations } from './operations.ts'
import type { Session } from './session.ts'

/** Queues one step: forward and backward of each micro-batch, then the optimiser. Null when stopped between them. */
export async function takeStep(
  session: Session,
  batch: StepBatch,
  learningRate: number,
  stopping: () => boolean,
): Promise<{ read: Promise<StepReport> } | null> {
  const { device, setup, model, optimizer, parts, inputs, state } = session
  const { plan, weights } = setup
  const tasks = Object.keys(batch.counts)
  const randomness = inputs.randomness(plan.seed)
  const lossScale = optimizer.lossScale.growthInterval > 0 ? optimizer.lossScale.value : null
  const headOf = (task: string) => model.head(task).spec
  let { microBatches: done, operations } = state.begun ?? { microBatches: 0, operations: 0 }

  device.write(inputs.step, Int32Array.of(batch.step))
  if (!state.begun) device.write(inputs.allStatistics, new Float32Array(inputs.allStatistics.size))
  for (const task of tasks) {
    device.write(inputs.scales[task], [weights[task] / Math.max(1, batch.counts[task])])
  }
  for (const microBatch of batch.microBatches.slice(done)) {
    await device.ready()
    if (stopping()) {
      const statistics = Array.from(await inputs.allStatistics.read())
      if (done > 0) state.begun = { microBatches: done, tasks, statistics, operations }
      batch.release()
      return null
    }
    parts.trainMicroBatch(microBatch, { randomness, lossScale })
    operations += trainingOperations(model.encoder, microBatch, headOf)
    done++
  }
  batch.release()
  state.begun = null
  parts.update(model.arenas(tasks), learningRate)

  state.step = batch.step + 1
  state.tokens += batch.tokens
  const read = readReport(session, batch, tasks, learningRate, operations)
  // Whoever awaits it hears of a failure; until then it is not unhandled.
  read.catch(() => {})
  return { read }
}

/** What came of the step just queued, once it has run. */
async function readReport(
  session: Session,
  { step, stage, corpus, tokens }: StepBatch,
  tasks: string[],
  learningRate: number,
  operations: number,
): Promise<StepReport> {
  const { inputs, optimizer, setup } = session
  const { lossScale, norm, skip } = optimizer
  const [statistics, [gradientNorm], [scale], [skipped], [skippedSteps]] = await Promise.all([
    inputs.allStatistics.read(),
    norm.read(),
    lossScale.value.read(),
    skip.read(),
    lossScale.skipped.read(),
  ])
  const indices = Object.keys(setup.kinds)
  const figures = tasks.map((task) => {
    const [loss, correct, labels] = statistics.subarray(3 * indices.indexOf(task))
    return [task, { loss, correct, labels }]
  })
  return {
    step: step + 1,
    stage: stage + 1,
    corpus,
    tasks: Object.fromEntries(figures),
    learningRate,
    tokens,
    operations,
    gradientNorm,
    lossScale: scale,
    skipped: skipped !== 0,
    skippedSteps,
  }
}
