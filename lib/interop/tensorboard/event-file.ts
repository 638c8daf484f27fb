import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { scalarsEvent, startEvent, versionEvent } from './event.ts'
import { recordOf } from './record.ts'

/** A file that TensorBoard reads. */
export interface EventFile {
  path: string
  /** Adds numbers by tag after a step. */
  scalars(step: number, values: Record<string, number>): void
}

const pattern = /^events\.out\.tfevents\.(\d+)\./

/**
 * Begins a new event file in a folder, which is made where it is not there. TensorBoard reads the files of a folder in the
 * order of their names, which begin with the time, so this one's is later than that of all that are there.
 *
 * @param first step that comes next: what older files say of it and later steps counts no more
 * @param now milliseconds since 1970
 */
export function beginEventFile(folder: string, first: number, now = () => Date.now()): EventFile {
  mkdirSync(folder, { recursive: true })
  const begun = readdirSync(folder).map((name) => Number(pattern.exec(name)?.[1] ?? 0))
  const time = Math.max(Math.floor(now() / 1000), ...begun.map((each) => each + 1))
  const file = path.join(folder, `events.out.tfevents.${String(time).padStart(10, '0')}.${hostname()}`)
  const seconds = () => now() / 1000
  const opening = [versionEvent(seconds()), startEvent(seconds(), first)]
  writeFileSync(file, Buffer.concat(opening.map(recordOf)), { flag: 'wx' })
  return {
    path: file,
    scalars(step, values) {
      appendFileSync(file, recordOf(scalarsEvent(seconds(), step, values)))
    },
  }
}
