import { parentPort, workerData } from 'node:worker_threads'
import { createChunkEncoder, type EncodedChunk, type EncodeSettings } from './encode-chunk.ts'
import type { Chunk } from './inputs/chunks.ts'
import { memoryOf } from './packed-documents.ts'
import { type SentError, sentError } from './thread.ts'

/** A chunk that is done, or why it is not. */
export type EncodeReply = { number: number } & ({ encoded: EncodedChunk } | { error: SentError })

const port = parentPort!
const encoder = createChunkEncoder(workerData as EncodeSettings)
encoder.catch(() => {})
/** One chunk after another: the encoder has one document at a time. */
let work = Promise.resolve()

port.on('message', ({ number, chunk }: { number: number; chunk: Chunk }) => {
  work = work.then(async () => {
    try {
      const encoded = await (await encoder)(chunk)
      port.postMessage({ number, encoded } satisfies EncodeReply, encoded.corpora.flatMap(memoryOf))
    } catch (thrown) {
      port.postMessage({ number, error: sentError(thrown) } satisfies EncodeReply)
    }
  })
})
