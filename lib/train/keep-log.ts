import { EverlearnError } from '../error.ts'

/**
 * Writes to one of a run's logs.
 *
 * @throws EverlearnError `LOG_NOT_WRITTEN`
 */
export function keepLog<T>(run: string, file: string, write: () => T): T {
  try {
    return write()
  } catch (cause) {
    throw new EverlearnError(
      'LOG_NOT_WRITTEN',
      `cannot write ${file}: ${(cause as Error).message}; make room, then \`everlearn resume ${run}\``,
      { cause },
    )
  }
}
