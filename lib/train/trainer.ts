import { createPipeline, type Pipeline } from '../data/pipeline.ts'
import { EverlearnError } from '../error.ts'
import { checkpointName, latestCheckpoint, writeCheckpoint } from './checkpoint/checkpoint.ts'
import { saveSession } from './checkpoint/save.ts'
import { createEvaluate, type Evaluate } from './evaluation/evaluate.ts'
import type { Evaluation } from './evaluation/evaluation.ts'
import { meanScore } from './evaluation/score.ts'
import { Events, type StepReport, type TrainerEvents } from './events.ts'
import { measureGemmPeak } from './gemm-peak.ts'
import { observeConvergence } from './schedule/convergence.ts'
import { learningRates } from './schedule/learning-rate.ts'
import type { RunSteps } from './schedule/steps.ts'
import { addHeads, type Session } from './session.ts'
import { type StepWindow, windowOf } from './step-window.ts'
import { takeStep } from './take-step.ts'

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
  readonly #window: StepWindow
  readonly #evaluate: Evaluate
  #steps: RunSteps
  #learningRate: (step: number) => number
  #stopping = false

  constructor(session: Session, directory: string) {
    const { device, setup, model, state } = session
    this.session = session
    this.directory = directory
    this.#steps = setup.steps(state.converged)
    this.#learningRate = learningRates(setup.plan.schedule, this.#steps, setup.stages.planned)
    this.#evaluate = createEvaluate(device, model, setup)
    this.#window = windowOf(this.events)
  }

  /** Ends training after the micro-batch that runs, with a checkpoint. */
  stop(): void {
    this.#stopping = true
  }

  /** Trains from where the session stands to the end of the plan. Can be called once. */
  async run(): Promise<Outcome> {
    const { device, setup, model, state } = this.session
    const { stages } = setup
    const first = state.step
    const stopping = () => this.#stopping
    const peak = await measureGemmPeak(device, model.encoder.dtype) // while no worker takes a part of the machine
    device.trim()
    let pipeline = this.#startPipeline()
    try {
      await this.events.emit('start', {
        step: state.step,
        steps: this.#steps.length,
        stages: stages.table.length,
        peak,
        table: stages.table,
        stageEnds: this.#steps.stageStarts.slice(1),
      })

      for (let stage = state.finishedStages; stage < stages.table.length; stage++) {
        const end = () => this.#steps.stageStarts[stage + 1]
        const added = addHeads(this.session, stage)
        const budgets = stages.table[stage]
        await this.events.emit('stage', { step: state.step, stage: stage + 1, end: end(), budgets, added })

        let previous: Promise<StepReport> | null = null
        while (state.step < end() && !stopping()) {
          if (this.#isEvaluationDue(stage)) {
            await this.#observe(previous)
            previous = null
            const found = await this.#evaluateInside(stage)
            if (!found) break
            if (found.converged.length > 0) {
              await pipeline.close()
              pipeline = this.#startPipeline()
            }
            if (found.best) await this.#checkpoint()
            continue
          }
          // After the evaluation of the same step, which it holds.
          if (state.step > first && this.#isCheckpointDue(stage)) {
            await this.#observe(previous)
            previous = null
            // Steps that are skipped may be the end of the run: the checkpoints before them stay.
            if (state.skippedInARow === 0) await this.#checkpoint()
          }
          const batch = await pipeline.next()
          if (!batch)
            throw new Error(`the batches end at step ${state.step}, the plan at ${this.#steps.length}`)
          const report = await takeStep(this.session, batch, this.#learningRate(batch.step), stopping)
          await this.#observe(previous)
          previous = report?.read ?? null
          if (!report) break
        }
        await this.#observe(previous)

        const evaluations = stopping() ? null : await this.#judge(stage)
        if (!evaluations) {
          const checkpoint = await this.#checkpoint()
          return this.#end({ step: state.step, stopped: true, checkpoint })
        }
        state.evaluations.push(...evaluations)
        state.finishedStages = stage + 1
        state.convergence = {}
        this.#noteBest(evaluations, checkpointName(state.step, { stage: stage + 1 }))
        await this.events.emit('evaluation', {
          step: state.step,
          stage: stage + 1,
          ends: true,
          evaluations,
          converged: [],
          stageEnds: this.#steps.stageStarts.slice(1),
        })
        await this.#checkpoint(stage + 1)
      }
      const checkpoint = await this.#checkpoint(stages.table.length)
      return this.#end({ step: state.step, stopped: false, checkpoint })
    } catch (error) {
      throw await setup.verification.explain(error)
    } finally {
      await pipeline.close()
    }
  }

  /** Batches from the next step on. */
  #startPipeline(): Pipeline {
    const { setup, state } = this.session
    const { tokens, sequences, masked } = setup.plan.microBatch
    return createPipeline({
      source: setup.description,
      limits: { tokens, sequences, maskedRows: masked },
      plans: this.#steps.from(state.step),
      workers: setup.plan.workers,
    })
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

  /** Whether held-out text is to be looked at before the next step of a stage. */
  #isEvaluationDue(stage: number): boolean {
    const { setup, state } = this.session
    const { every = Object.keys(setup.stages.patience).length > 0 ? 1000 : 0 } = setup.plan.evaluate
    const done = state.step - this.#steps.stageStarts[stage]
    return every > 0 && done > 0 && done % every === 0 && state.evaluatedAt < state.step && !state.begun
  }

  /** Whether a checkpoint is to be written before the next step of a stage. */
  #isCheckpointDue(stage: number): boolean {
    const { setup, state } = this.session
    return (
      state.step % setup.plan.checkpoint.every === 0 &&
      state.step > this.#steps.stageStarts[stage] &&
      !state.begun
    )
  }

  /** Looks at held-out text inside a stage; ends the tasks that have converged. Null when stopped meanwhile. */
  async #evaluateInside(stage: number): Promise<{ converged: string[]; best: boolean } | null> {
    const { setup, state } = this.session
    const { patience, table, planned } = setup.stages
    const evaluations = await this.#judge(stage)
    if (!evaluations) return null
    const isOver = (task: string) =>
      state.converged.some((cut) => cut.task === task && cut.step > this.#steps.stageStarts[stage])
    const open = Object.keys(table[stage]).filter((task) => table[stage][task] > 0 && !isOver(task))
    const { convergence, converged } = observeConvergence(state.convergence, evaluations, patience, open)
    state.convergence = convergence
    state.evaluatedAt = state.step
    if (converged.length > 0) {
      state.converged.push(...converged.map((task) => ({ step: state.step, task, forGood: false })))
      this.#steps = setup.steps(state.converged)
      this.#learningRate = learningRates(setup.plan.schedule, this.#steps, planned)
    }
    const best = this.#noteBest(evaluations, checkpointName(state.step))
    await this.events.emit('evaluation', {
      step: state.step,
      stage: stage + 1,
      ends: false,
      evaluations,
      converged,
      stageEnds: this.#steps.stageStarts.slice(1),
    })
    return { converged, best }
  }

  /** Held-out figures of all tasks, of the average of weights where the plan wants one. Null when stopped meanwhile. */
  #judge(stage: number): Promise<Evaluation[] | null> {
    const { model, average, state } = this.session
    const judge = () => this.#evaluate({ stage: stage + 1, step: state.step }, () => this.#stopping)
    return average ? average.during(model.arenas(), judge) : judge()
  }

  /** Whether the task that the plan names did better than ever; `checkpoint` will hold the weights it did so with. */
  #noteBest(evaluations: Evaluation[], checkpoint: string): boolean {
    const { setup, state } = this.session
    const { best: task } = setup.plan.checkpoint
    const score = task === undefined ? null : meanScore(evaluations, task)
    if (score === null || score <= (state.best?.score ?? Number.NEGATIVE_INFINITY)) return false
    state.best = { checkpoint, score }
    return true
  }

  /** @param stage which stage it ends, from 1 */
  async #checkpoint(stage?: number): Promise<string> {
    const { setup, state } = this.session
    await setup.verification.done
    const name = checkpointName(state.step, { stage, microBatches: state.begun?.microBatches })
    const known = latestCheckpoint(this.directory) === name
    const { keep } = setup.plan.checkpoint
    const best = state.best?.checkpoint ?? null
    const path = await writeCheckpoint(this.directory, name, { keep, best }, (files) =>
      saveSession(this.session, files),
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
