import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { EverlearnError } from '../error.ts'

/** Starts a module beside this one in a thread of its own. */
export function startThread(name: string, workerData: unknown): Worker {
  const extension = extname(import.meta.url)
  const file = new URL(`./${name}${extension}`, import.meta.url)
  if (extension === '.js') return new Worker(file, { workerData })
  // From sources: a thread of Node 20 does not take over the loader of TypeScript, and cannot begin with such a module.
  const loader = import.meta.resolve('tsx/esm/api')
  const start = `import('${loader}').then(({ register }) => { register(); return import('${file}') })`
  return new Worker(start, { workerData, execArgv: [], eval: true })
}

/** An error on its way to another thread. */
export interface SentError {
  /** Of an EverlearnError. */
  code: string | null
  message: string
  stack?: string
}

export function sentError(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  // By name: a module of the user may have brought its own copy of the class.
  const code = error.name === 'EverlearnError' ? (error as EverlearnError).code : null
  return { code, message: error.message, stack: error.stack }
}

export function receivedError({ code, message, stack }: SentError): Error {
  const error = code === null ? new Error(message) : new EverlearnError(code, message)
  if (stack) error.stack = stack
  return error
}
