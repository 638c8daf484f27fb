import type { Worker } from 'node:worker_threads'
import { EverlearnError } from '../error.ts'
import {
  createChunkEncoder,
  type DocumentAnnotator,
  type EncodedChunk,
  type EncodeSettings,
} from './encode-chunk.ts'
import type { EncodeReply } from './encode-worker.ts'
import type { Chunk } from './inputs/chunks.ts'
import { receivedError, startThread } from './thread.ts'

/** Encodes chunks, several at a time. */
export interface EncodePool {
  /** Chunks that should be under way so that no thread waits. */
  ahead: number
  /** @throws EverlearnError what is wrong with the text; `WORKER_LOST` when a thread ended */
  encode(chunk: Chunk): Promise<EncodedChunk>
  close(): Promise<void>
}

/**
 * @param threads 0 encodes in the calling thread
 * @param annotate see {@link createChunkEncoder}; in the calling thread only
 */
export async function createEncodePool(
  settings: EncodeSettings,
  threads: number,
  annotate?: DocumentAnnotator,
): Promise<EncodePool> {
  if (threads > 0) return createThreadedPool(settings, threads)
  const encode = await createChunkEncoder(settings, annotate)
  return { ahead: 1, encode, async close() {} }
}

interface Member {
  thread: Worker
  waiting: Map<number, { resolve(encoded: EncodedChunk): void; reject(error: Error): void }>
}

function createThreadedPool(settings: EncodeSettings, threads: number): EncodePool {
  let count = 0
  let lost: Error | undefined
  const members: Member[] = Array.from({ length: threads }, () => ({
    thread: startThread('encode-worker', settings),
    waiting: new Map(),
  }))
  const fail = (error: Error) => {
    lost ??= error
    for (const { waiting } of members) for (const { reject } of waiting.values()) reject(lost)
  }
  for (const { thread, waiting } of members) {
    thread.on('message', (reply: EncodeReply) => {
      const waited = waiting.get(reply.number)
      waiting.delete(reply.number)
      if ('error' in reply) waited?.reject(receivedError(reply.error))
      else waited?.resolve(reply.encoded)
    })
    thread.on('error', fail)
    thread.on('exit', (code) => fail(threadLost(code)))
  }
  return {
    // One in work and one that waits for each thread.
    ahead: 2 * threads,
    encode(chunk) {
      if (lost) return Promise.reject(lost)
      const { thread, waiting } = members.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a))
      const number = count++
      thread.postMessage({ number, chunk }, chunk.bytes ? [chunk.bytes.bytes.buffer] : [])
      return new Promise((resolve, reject) => waiting.set(number, { resolve, reject }))
    },
    async close() {
      lost ??= new Error('the pool is closed')
      await Promise.all(members.map(({ thread }) => thread.terminate()))
    },
  }
}

const threadLost = (code: number): EverlearnError =>
  new EverlearnError(
    'WORKER_LOST',
    `a thread that encodes text ended by itself (exit code ${code}); if memory ran out, take fewer --threads, or pieces`,
  )
