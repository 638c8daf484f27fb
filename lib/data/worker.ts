import { parentPort, workerData } from 'node:worker_threads'
import { assembleStep } from './assemble.ts'
import type { BatchLimits, StepBatch, StepPlan } from './batch.ts'
import { openSource, type SourceDescription } from './source.ts'
import { type SentError, sentError } from './thread.ts'

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
  | { step: number; error: SentError }

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
    return { step, error: sentError(thrown) }
  }
}
