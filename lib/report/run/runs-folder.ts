import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { EverlearnError } from '../../error.ts'

/** A folder out of which nothing is read: neither by `..` nor by links that lead elsewhere. */
export interface RunsFolder {
  /** As it was given. */
  given: string
  /** Runs in it, as paths relative to it (`.`: it is a run itself), the one that changed last first. */
  runs(): string[]
  /** Real path of a file of a run, null where there is none in this folder. */
  locate(run: string, name: string): string | null
  /** Text of a small file of a run, null where there is none in this folder. */
  read(run: string, name: string): string | null
  /** Differs when the file has changed; empty where there is none in this folder. */
  stamp(run: string, name: string): string
}

/** What makes a folder a run. */
const planFile = 'plan.json'
const deepest = 3
const largestText = 64 << 20

/** @throws EverlearnError `RUNS_UNKNOWN` */
export function openRunsFolder(given: string): RunsFolder {
  let root: string
  try {
    root = realpathSync(given)
    readdirSync(root)
  } catch (cause) {
    throw new EverlearnError(
      'RUNS_UNKNOWN',
      `cannot read the folder ${given}: ${(cause as Error).message}; give the folder that your runs are in`,
      { cause },
    )
  }

  const locate = (run: string, name: string): string | null => {
    try {
      const real = realpathSync(path.join(root, run, name))
      return real.startsWith(root.endsWith(path.sep) ? root : root + path.sep) ? real : null
    } catch {
      return null
    }
  }
  const read = (run: string, name: string): string | null => {
    const file = locate(run, name)
    try {
      return file === null || statSync(file).size > largestText ? null : readFileSync(file, 'utf8')
    } catch {
      return null
    }
  }
  const isRun = (folder: string) => {
    const file = locate(folder, planFile)
    return file !== null && statSync(file, { throwIfNoEntry: false })?.isFile() === true
  }
  const changed = (run: string): number => {
    const file = locate(run, 'log.jsonl') ?? locate(run, planFile)
    return (file !== null && statSync(file, { throwIfNoEntry: false })?.mtimeMs) || 0
  }

  function* below(folder: string, depth: number): Generator<string> {
    if (isRun(folder)) yield folder
    else if (depth < deepest) {
      for (const name of foldersIn(path.join(root, folder))) yield* below(path.join(folder, name), depth + 1)
    }
  }

  return {
    given,
    locate,
    read,
    stamp(run, name) {
      const file = locate(run, name)
      const found = file === null ? undefined : statSync(file, { throwIfNoEntry: false })
      return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : ''
    },
    runs() {
      const found = Array.from(below('.', 0), (run) => ({ run, time: changed(run) }))
      return found.sort((a, b) => b.time - a.time || (a.run < b.run ? -1 : 1)).map(({ run }) => run)
    },
  }
}

/** Links are not followed: what they lead to may be anywhere, or above. */
function foldersIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map(({ name }) => name)
      .sort()
  } catch {
    return []
  }
}
