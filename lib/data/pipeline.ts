import type { Worker } from 'node:worker_threads'
import { EverlearnError } from '../error.ts'
import { assembleStep } from './assemble.ts'
import type { BatchLimits, StepBatch, StepPlan } from './batch.ts'
import { closeSource, openSource, type SourceDescription } from './source.ts'
import { receivedError, startThread } from './thread.ts'
import type { WorkerReply, WorkerRequest, WorkerSettings } from './worker.ts'

/** Steps in the order of their plans. */
export interface Pipeline {
  /**
   * The next step, null after the last one. Its memory is used again once it is released.
   *
   * @throws EverlearnError what the tasks and corpora throw; `WORKER_LOST` when a worker thread ended
   */
  next(): Promise<StepBatch | null>
  /** Ends the worker threads. Steps handed out before may still be read. */
  close(): Promise<void>
}

export interface PipelineOptions {
  source: SourceDescription
  limits: BatchLimits
  /** Plans of the steps; asked for as far ahead as there is memory. */
  plans: Iterable<StepPlan>
  /** Worker threads; 0 assembles in the calling thread. */
  workers?: number
  /** Steps in memory at once: being assembled, waiting, or not yet released. */
  slots?: number
}

/**
 * Assembles steps ahead of the trainer in worker threads. A step depends on its plan only, so the steps are the same
 * for any number of workers.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { workers = 2 } = options
  return workers === 0 ? createInlinePipeline(options) : createThreadedPipeline({ ...options, workers })
}

function createInlinePipeline({ source: description, limits, plans }: PipelineOptions): Pipeline {
  const iterator = plans[Symbol.iterator]()
  let opened: ReturnType<typeof openSource> | undefined
  return {
    async next() {
      opened ??= openSource(description)
      const source = await opened
      const { done, value } = iterator.next()
      return done ? null : assembleStep(source, value, limits)
    },
    async close() {
      const source = await opened?.catch(() => undefined)
      if (source) closeSource(source)
    },
  }
}

interface Member {
  thread: Worker
  /** Steps it has been given and has not answered. */
  busy: number
}

function createThreadedPipeline(options: PipelineOptions & { workers: number }): Pipeline {
  const { source, limits, plans, workers, slots = 2 * workers + 2 } = options
  const iterator = plans[Symbol.iterator]()
  const free = Array.from({ length: slots }, () => new SharedArrayBuffer(0))
  const replies = new Map<number, WorkerReply>()
  /** Numbers of the steps that were given to workers and not yet to the consumer, in order. */
  const ordered: number[] = []
  let exhausted = false
  let closed = false
  let failure: Error | null = null
  const waiting: (() => void)[] = []
  const wake = () => {
    for (const resume of waiting.splice(0)) resume()
  }

  const settings: WorkerSettings = { source, limits }
  const members: Member[] = Array.from({ length: workers }, () => ({
    thread: startThread('worker', settings),
    busy: 0,
  }))
  for (const member of members) {
    member.thread.on('message', (reply: WorkerReply) => {
      member.busy--
      replies.set(reply.step, reply)
      wake()
    })
    member.thread.on('error', (error) => fail(error))
    member.thread.on('exit', (code) => {
      if (!closed) fail(lost(code))
    })
  }

  function fail(error: Error): void {
    failure ??= error
    wake()
  }

  function giveWork(): void {
    while (!exhausted && !closed && free.length > 0) {
      const { done, value } = iterator.next()
      if (done) {
        exhausted = true
        return
      }
      const member = members.reduce((a, b) => (b.busy < a.busy ? b : a))
      member.busy++
      ordered.push(value.step)
      member.thread.postMessage({ plan: value, memory: free.pop()! } satisfies WorkerRequest)
    }
  }

  function hand(reply: Extract<WorkerReply, { batch: unknown }>): StepBatch {
    let released = false
    const release = () => {
      if (released) return
      released = true
      free.push(reply.memory)
      giveWork()
    }
    return { ...reply.batch, release }
  }

  giveWork()
  return {
    async next() {
      while (true) {
        if (closed) throw new Error('the pipeline is closed')
        if (failure) throw failure
        if (ordered.length === 0 && exhausted) return null
        if (ordered.length === 0)
          throw new Error(`all ${slots} steps in memory are held; release one of them first`)
        const reply = replies.get(ordered[0])
        if (reply) {
          ordered.shift()
          replies.delete(reply.step)
          if ('batch' in reply) return hand(reply)
          failure = receivedError(reply.error)
          throw failure
        }
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
        })
      }
    },
    async close() {
      closed = true
      wake()
      await Promise.all(members.map(({ thread }) => thread.terminate()))
    },
  }
}

const lost = (code: number): EverlearnError =>
  new EverlearnError(
    'WORKER_LOST',
    `a data worker ended by itself (exit code ${code}); if memory ran out, lower the tokens per step or the workers, ` +
      'then resume the run',
  )
