import { parentPort, workerData } from 'node:worker_threads'
import { openCorpus } from './corpus.ts'
import { type SentError, sentError } from './thread.ts'

/** What was found: nothing, or what is wrong. */
export interface VerifyReply {
  error: SentError | null
}

let error: SentError | null = null
try {
  for (const directory of workerData as string[]) openCorpus(directory, { verify: true }).close()
} catch (thrown) {
  error = sentError(thrown)
}
parentPort!.postMessage({ error } satisfies VerifyReply)
