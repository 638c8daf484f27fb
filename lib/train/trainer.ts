import type { StepBatch } from '../data/batch.ts'
import { createPipeline } from '../data/pipeline.ts'
import { EverlearnError } from '../error.ts'
import { uploadBatch, uploadTargets } from '../nn/batch.ts'
import { checkpointName, latestCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { createEvaluate } from './evaluate.ts'
import { Events, type StepReport, type TrainerEvents } from './events.ts'
import { measureGemmPeak } from './gemm-peak.ts'
import { learningRates } from './learning-rate.ts'
import { trainingOperations } from './operations.ts'
import { saveSession } from './save.ts'
import { addHeads, type Session } from './session.ts'
import { type StepWindow, windowOf } from './step-window.ts'

/** How training ended. */
export interface Outcome {
  step: number
  /** Somebody asked it to stop before it was done. */
  stopped: boolean
  /** Folder of the last checkpoint. */
  checkpoint: string
  /** Real tokens, while it trained. */
  tokensPerSecond: number
}

/**
 * Continual multi-task pre-training (ERNIE 2.0, section 3.2): tasks are added one after another, each new one is trained
 * together with the earlier ones. `run` is the whole loop; everything else hangs on its events.
 */
export class ContinualTrainer {
  readonly events = new Events<TrainerEvents>()
  readonly session: Session
  /** The run's folder. */
  readonly directory: string
  readonly #learningRate: (step: number) => number
  readonly #window: StepWindow
  #stopping = false

  constructor(session: Session, directory: string) {
    const { plan, steps } = session.setup
    this.session = session
    this.directory = directory
    this.#learningRate = learningRates(plan.schedule, steps.stageStarts)
    this.#window = windowOf(this.events)
  }

  /** Ends training after the step that runs, with a checkpoint. */
  stop(): void {
    this.#stopping = true
  }

  /** Trains from where the session stands to the end of the plan. Can be called once. */
  async run(): Promise<Outcome> {
    const { device, setup, model, state } = this.session
    const { plan, stages, steps } = setup
    const { tokens, sequences, masked } = plan.microBatch
    const stopping = () => this.#stopping
    const evaluate = createEvaluate(device, model, setup)
    const peak = await measureGemmPeak(device, model.encoder.dtype) // while no worker takes a part of the machine
    device.trim()
    const pipeline = createPipeline({
      source: setup.description,
      limits: { tokens, sequences, maskedRows: masked },
      plans: steps.from(state.step),
      workers: plan.workers,
    })
    try {
      await this.events.emit('start', { step: state.step, steps: steps.length, stages: stages.length, peak })

      for (let stage = state.finishedStages; stage < stages.length; stage++) {
        const end = steps.stageStarts[stage + 1]
        const added = addHeads(this.session, stage)
        await this.events.emit('stage', {
          step: state.step,
          stage: stage + 1,
          end,
          budgets: stages[stage],
          added,
        })

        let previous: Promise<StepReport> | null = null
        while (state.step < end && !stopping()) {
          const batch = await pipeline.next()
          if (!batch) throw new Error(`the batches end at step ${state.step}, the plan at ${steps.length}`)
          const report = await this.#step(batch)
          await this.#observe(previous)
          previous = report.read
          if (state.step % plan.checkpoint.every === 0 && state.step < end) {
            await this.#observe(previous)
            previous = null
            // Steps that are skipped may be the end of the run: the checkpoints before them stay.
            if (state.skippedInARow === 0) await this.#checkpoint(null)
          }
        }
        await this.#observe(previous)

        const evaluations = stopping() ? null : await evaluate(stage + 1, stopping)
        if (!evaluations) {
          const checkpoint = await this.#checkpoint(null)
          return this.#end({ step: state.step, stopped: true, checkpoint })
        }
        state.evaluations.push(...evaluations)
        state.finishedStages = stage + 1
        await this.events.emit('evaluation', { step: state.step, stage: stage + 1, evaluations })
        await this.#checkpoint(stage + 1)
      }
      const checkpoint = await this.#checkpoint(stages.length)
      return this.#end({ step: state.step, stopped: false, checkpoint })
    } catch (error) {
      throw await setup.verification.explain(error)
    } finally {
      await pipeline.close()
    }
  }

  /** Queues one step: forward and backward of each micro-batch, then the optimiser. */
  async #step(batch: StepBatch): Promise<{ read: Promise<StepReport> }> {
    const { device, setup, model, optimizer, inputs, state } = this.session
    const { plan, weights } = setup
    const tasks = Object.keys(batch.counts)
    const randomness = inputs.randomness(plan.seed)
    const lossScale = optimizer.lossScale.growthInterval > 0 ? optimizer.lossScale.value : null
    const headOf = (task: string) => model.head(task).spec
    let operations = 0

    device.write(inputs.step, Int32Array.of(batch.step))
    device.write(inputs.allStatistics, new Float32Array(inputs.allStatistics.size))
    for (const task of tasks) {
      device.write(inputs.scales[task], [weights[task] / Math.max(1, batch.counts[task])])
    }
    for (const microBatch of batch.microBatches) {
      await device.ready()
      using _scope = device.scope()
      using tape = device.tape()
      const uploaded = uploadBatch(device, microBatch)
      const targets = microBatch.targets.map((target) =>
        uploadTargets(device, target, inputs.scales[target.task], inputs.statistics[target.task]),
      )
      const losses = model.forward(uploaded, targets, { randomness, lossScale })
      tape.backward([...losses.values()])
      operations += trainingOperations(model.encoder, microBatch, headOf)
    }
    batch.release()
    const learningRate = this.#learningRate(batch.step)
    optimizer.step(model.arenas(tasks), learningRate)

    state.step = batch.step + 1
    state.tokens += batch.tokens
    const read = this.#read(batch, tasks, learningRate, operations)
    // Whoever awaits it hears of a failure; until then it is not unhandled.
    read.catch(() => {})
    return { read }
  }

  /** What came of the step just queued, once it has run. */
  async #read(
    { step, stage, corpus, tokens }: StepBatch,
    tasks: string[],
    learningRate: number,
    operations: number,
  ): Promise<StepReport> {
    const { inputs, optimizer, setup } = this.session
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

  async #observe(pending: Promise<StepReport> | null): Promise<void> {
    if (!pending) return
    const report = await pending
    const { device, setup, state } = this.session
    setup.verification.check()
    state.skippedInARow = report.skipped ? state.skippedInARow + 1 : 0
    await this.events.emit('step', { ...report, memory: device.memory() })
    if (state.skippedInARow < setup.plan.maxSkipped) return
    const latest = latestCheckpoint(this.directory)
    throw new EverlearnError(
      'TRAINING_DIVERGED',
      `the gradients of ${state.skippedInARow} steps in a row, up to step ${report.step}, were not finite; the last good ` +
        `checkpoint is ${latest ?? 'the beginning'}: lower the learning rate or lengthen the warmup`,
    )
  }

  /** @param stage which stage it ends, from 1; null inside a stage */
  async #checkpoint(stage: number | null): Promise<string> {
    const { setup, state } = this.session
    await setup.verification.done
    const name = checkpointName(state.step, stage)
    const known = latestCheckpoint(this.directory) === name
    const path = await writeCheckpoint(this.directory, name, setup.plan.checkpoint.keep, (directory) =>
      saveSession(this.session, directory),
    )
    if (!known) await this.events.emit('checkpoint', { step: state.step, path })
    return path
  }

  async #end(end: Omit<Outcome, 'tokensPerSecond'>): Promise<Outcome> {
    const { tokens, seconds } = this.#window.take()
    const outcome = { ...end, tokensPerSecond: seconds > 0 ? tokens / seconds : 0 }
    await this.events.emit('end', outcome)
    return outcome
  }
}
