import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { EverlearnError } from '../error.ts'
import { writeDurably } from '../train/durable.ts'

interface Replacing {
  force: boolean
  /** Whether a file that is there is of the kind that will be written, so that `force` may replace it. */
  mayReplace(file: string): boolean
}

/**
 * Refuses a place where a file cannot be written, before the work whose result it will hold.
 *
 * @throws EverlearnError `OUT_EXISTS`, `OUT_UNWRITABLE`
 */
export function checkOutFile(out: string, { force, mayReplace }: Replacing): void {
  if (existsSync(out)) {
    if (statSync(out).isDirectory()) {
      throw new EverlearnError('OUT_EXISTS', `${out} is a directory; give the name of the file to write`)
    }
    if (!force) {
      throw new EverlearnError('OUT_EXISTS', `${out} exists; choose another name, or replace it with --force`)
    }
    if (!mayReplace(out)) {
      throw new EverlearnError(
        'OUT_EXISTS',
        `${out} exists and was not made by this command, so --force does not replace it; choose another name or remove it`,
      )
    }
  }
  let folder = dirname(resolve(out))
  while (!existsSync(folder)) folder = dirname(folder)
  try {
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a directory`)
    accessSync(folder, constants.W_OK)
  } catch (cause) {
    throw unwritable(out, cause as Error)
  }
}

/**
 * Writes a file whole or not at all, and the folders above it that are missing.
 *
 * @throws EverlearnError as {@link checkOutFile}
 */
export async function writeOutFile(
  out: string,
  content: string | Uint8Array,
  replacing: Replacing,
): Promise<void> {
  checkOutFile(out, replacing)
  try {
    mkdirSync(dirname(resolve(out)), { recursive: true })
    await writeDurably(out, content)
  } catch (cause) {
    throw unwritable(out, cause as Error)
  }
}

function unwritable(out: string, cause: Error): EverlearnError {
  return new EverlearnError(
    'OUT_UNWRITABLE',
    `cannot write ${out}: ${cause.message}; see to room and permissions, or choose another place`,
    { cause },
  )
}
