import { parentPort, workerData } from 'node:worker_threads'
import type { EverlearnError } from '../error.ts'
import { assembleStep } from './assemble.ts'
import type { BatchLimits, StepBatch, StepPlan } from './batch.ts'
import { openSource, type SourceDescription } from './source.ts'

/** What a worker is started with. */
export interface WorkerSettings {
  source: SourceDescription
  limits: BatchLimits
}

/** A step to assemble, in this memory if it is large enough. */
export interface WorkerRequest {
  plan: StepPlan
  memory: SharedArrayBuffer
}

/** The step, its arrays in `memory`; or why there is none. */
export type WorkerReply =
  | { step: number; batch: Omit<StepBatch, 'release'>; memory: SharedArrayBuffer }
  | { step: number; error: { code: string | null; message: string; stack?: string } }

const { source: description, limits } = workerData as WorkerSettings
const port = parentPort!
const source = openSource(description)

port.on('message', async ({ plan, memory }: WorkerRequest) => {
  port.postMessage(await reply(plan, memory))
})

async function reply(plan: StepPlan, memory: SharedArrayBuffer): Promise<WorkerReply> {
  const { step } = plan
  try {
    let used = memory
    const { release: _, ...batch } = assembleStep(await source, plan, limits, (bytes) => {
      // A quarter more than is needed, so that a slightly longer step does not need new memory again.
      if (bytes > used.byteLength) used = new SharedArrayBuffer(Math.ceil((bytes * 5) / 4 / 4096) * 4096)
      return used
    })
    return { step, batch, memory: used }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    // By name: a module of the user may have brought its own copy of the class.
    const code = error.name === 'EverlearnError' ? (error as EverlearnError).code : null
    return { step, error: { code, message: error.message, stack: error.stack } }
  }
}
