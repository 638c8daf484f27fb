import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { EverlearnError } from '../error.ts'
import { asideName } from './durable.ts'

/** The process that trains in a directory. */
interface Holder {
  pid: number
  host: string
  /** When it was started, in the system's own terms: a later process with the same pid has another one. */
  started: string
}

/**
 * Takes a directory for this process. A lock whose process is gone is taken over.
 *
 * @throws EverlearnError `RUN_LOCKED`
 */
export function lockRun(directory: string): void {
  while (!tryLock(directory)) removeIfStale(directory)
}

/** Gives a directory up that this process has taken. */
export function unlockRun(directory: string): void {
  if (readIfThere(lockOf(directory)) === ownText()) rmSync(lockOf(directory), { force: true })
}

/** Whether the process that wrote this text into a lock is still there, as far as can be known. */
export function isHeld(lock: string): boolean {
  const holder = parse(lock)
  return holder !== null && isAlive(holder)
}

const lockOf = (directory: string): string => path.join(directory, '.lock')

/** A link appears with its content or not at all, and for one process only. */
function tryLock(directory: string): boolean {
  const made = asideName(directory, 'lock')
  try {
    writeFileSync(made, ownText())
    return tryLink(made, lockOf(directory))
  } finally {
    rmSync(made, { force: true })
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    // ENOENT: who holds the lock took our file for litter.
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code as string)) return false
    throw error
  }
}

function removeIfStale(directory: string): void {
  const file = lockOf(directory)
  const seen = readIfThere(file)
  if (seen === null) return
  const holder = parse(seen)
  if (holder && isAlive(holder)) throw locked(directory, file, holder)
  // Two processes may see the same stale lock: whoever moves it away looks again at what it was.
  const moved = asideName(directory, 'lock')
  try {
    renameSync(file, moved)
  } catch {
    return
  }
  if (readFileSync(moved, 'utf8') !== seen) tryLink(moved, file)
  rmSync(moved, { force: true })
}

function isAlive({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true
  const now = startOf(pid)
  return now !== null && now === started
}

function ownText(): string {
  const { pid } = process
  return JSON.stringify({ pid, host: hostname(), started: startOf(pid) ?? 'unknown' } satisfies Holder)
}

/** Boot and start time of a process (proc(5): field 22 of stat, counted after the name, which may hold anything). */
function startOf(pid: number): string | null {
  if (process.platform !== 'linux') return signalReaches(pid) ? 'unknown' : null
  const stat = readIfThere(`/proc/${pid}/stat`)
  if (stat === null) return null
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return `${readIfThere('/proc/sys/kernel/random/boot_id')?.trim()} ${ticks}`
}

function signalReaches(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function parse(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return null
  }
}

function locked(directory: string, file: string, { pid, host }: Holder): EverlearnError {
  const elsewhere = host === hostname() ? '' : ` of ${host}; if that process is gone, delete ${file}`
  return new EverlearnError(
    'RUN_LOCKED',
    `process ${pid}${elsewhere} is training in ${directory}; wait for it, or choose another --out`,
  )
}
