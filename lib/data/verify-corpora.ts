import { EverlearnError } from '../error.ts'
import { openCorpus } from './corpus.ts'
import { readManifest } from './manifest.ts'
import { receivedError, startThread } from './thread.ts'
import type { VerifyReply } from './verify-worker.ts'

/** A check of the contents of corpora that may still be under way. */
export interface Verification {
  /** Fulfilled when all is as it was written. @throws EverlearnError `CORPUS_CORRUPT`, naming the file */
  done: Promise<void>
  /** Throws when something was found that is not as it was written. */
  check(): void
  /** What is really wrong when reading the corpora failed with `error`: what the check finds, if it does. */
  explain(error: unknown): Promise<unknown>
  /** Ends a check that is under way. */
  close(): void
}

/** Bytes that are hashed in less time than a thread takes to start. */
const bytesAtOnce = 1 << 26

/**
 * Reads all files of corpora and compares their hashes.
 *
 * @param when `now`, before this returns, or `meanwhile` in a thread; by default now where there is little to read
 * @throws EverlearnError at once what {@link openCorpus} throws, `CORPUS_CORRUPT` only for `now`
 */
export function verifyCorpora(directories: readonly string[], when?: 'now' | 'meanwhile'): Verification {
  const bytes = directories.reduce((sum, directory) => sum + bytesOf(directory), 0)
  if ((when ?? (bytes <= bytesAtOnce ? 'now' : 'meanwhile')) === 'now') {
    for (const directory of directories) openCorpus(directory, { verify: true }).close()
    return { done: Promise.resolve(), check() {}, explain: async (error) => error, close() {} }
  }
  let failure: Error | null = null
  let finished = false
  const thread = startThread('verify-worker', directories)
  const done = new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => {
      if (finished) return
      finished = true
      failure = error
      reject(error)
    }
    thread.on('message', ({ error }: VerifyReply) => {
      if (error !== null) return fail(receivedError(error))
      finished = true
      resolve()
    })
    thread.on('error', fail)
    thread.on('exit', () => fail(new Error('the check of the corpora ended before it was done')))
  })
  // Whoever awaits it hears of a failure; until then it is not unhandled.
  done.catch(() => {})
  return {
    done,
    check() {
      if (failure) throw failure
    },
    async explain(error) {
      if (error instanceof EverlearnError) return error
      return done.then(
        () => error,
        (found) => found,
      )
    },
    close() {
      finished = true
      thread.terminate()
    },
  }
}

function bytesOf(directory: string): number {
  const files = readManifest(directory).pieces.flatMap((piece) => Object.values(piece.files))
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}
