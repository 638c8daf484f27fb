import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { EverlearnError } from '../error.ts'

/**
 * Makes a directory all at once: `write` fills a directory of another name beside it, which is renamed at the end. When
 * it throws, nothing is left behind.
 *
 * @param options.force replace a directory that is there, but only one that `mayReplace`
 * @throws EverlearnError `OUT_EXISTS`, `OUT_UNWRITABLE`
 */
export async function writeDirectory<Result>(
  out: string,
  options: { force: boolean; mayReplace: (directory: string) => boolean },
  write: (directory: string) => Promise<Result>,
): Promise<Result> {
  const target = resolve(out)
  refuseExisting(out, target, options)
  let firstMade: string | undefined
  let temporary: string | undefined
  try {
    firstMade = mkdirSync(dirname(target), { recursive: true })
    const beside = `${target}.tmp-${randomBytes(4).toString('hex')}`
    mkdirSync(beside)
    temporary = beside
    const result = await write(temporary)
    refuseExisting(out, target, options)
    replace(target, temporary)
    return result
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true })
    if (firstMade !== undefined) removeEmpty(dirname(target), firstMade)
    throw unwritable(out, cause)
  }
}

/** What to throw when writing below `out` failed: for a failure of the system, `OUT_UNWRITABLE`. */
export function unwritable(out: string, cause: unknown): unknown {
  if (cause instanceof EverlearnError || (cause as NodeJS.ErrnoException).syscall === undefined) return cause
  return new EverlearnError(
    'OUT_UNWRITABLE',
    `cannot write ${out}: ${(cause as Error).message}; see to room and permissions, or choose another place`,
    { cause },
  )
}

/** Whether a directory is empty or holds one of these files. */
export function isEmptyOrHas(directory: string, files: readonly string[]): boolean {
  return readdirSync(directory).length === 0 || files.some((file) => existsSync(join(directory, file)))
}

function refuseExisting(
  out: string,
  target: string,
  { force, mayReplace }: { force: boolean; mayReplace: (directory: string) => boolean },
): void {
  if (!existsSync(target)) return
  if (!force) {
    throw new EverlearnError('OUT_EXISTS', `${out} exists; choose another name, or replace it with --force`)
  }
  if (!isDirectory(target) || !mayReplace(target)) {
    throw new EverlearnError(
      'OUT_EXISTS',
      `${out} exists and was not made by this command, so --force does not replace it; choose another name or remove it`,
    )
  }
}

function isDirectory(path: string): boolean {
  try {
    readdirSync(path)
    return true
  } catch {
    return false
  }
}

/** Puts `temporary` in the place of `target`, whose old contents go only when the new ones are there. */
function replace(target: string, temporary: string): void {
  const old = `${temporary}.old`
  const had = existsSync(target)
  if (had) renameSync(target, old)
  try {
    renameSync(temporary, target)
  } catch (cause) {
    if (had) renameSync(old, target)
    throw cause
  }
  if (had) rmSync(old, { recursive: true })
}

/** Removes `directory` and the ones above it up to `last` while they are empty. */
export function removeEmpty(directory: string, last: string): void {
  try {
    for (let path = directory; path.length >= last.length; path = dirname(path)) rmdirSync(path)
  } catch {
    // Somebody else put something there.
  }
}
