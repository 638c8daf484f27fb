import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { beginEventFile } from '../../../lib/interop/tensorboard/event-file.ts'
import { recordOf } from '../../../lib/interop/tensorboard/record.ts'
import { readEventFiles, readRecords } from '../../helpers/read-events.ts'
import { temporaryFolder } from '../../helpers/tiny-run.ts'

const python = [process.env.EVERLEARN_PYTHON, 'python3'].find(hasTensorBoard)

function hasTensorBoard(command: string | undefined): command is string {
  if (command === undefined || (command.startsWith('/') && !existsSync(command))) return false
  try {
    execFileSync(command, ['-c', 'import tensorboard'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Two starts: the second goes on after step 4, so what the first wrote of steps 5 and 6 is void. */
function twoStarts(folder: string): void {
  const first = beginEventFile(folder, 1, () => 1_700_000_000_250)
  for (const step of [2, 4, 6]) first.scalars(step, { 'loss/masking': 10 - step, 'memory/live': 2 ** 33 })
  const second = beginEventFile(folder, 5, () => 1_700_000_000_500)
  for (const step of [6, 8]) second.scalars(step, { 'loss/masking': 9 - step, 'loss/数': Number.NaN })
}

test('any records are read back', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (contents) => {
      const read = readRecords(Buffer.concat(contents.map(recordOf)))
      t.deepEqual(
        read,
        contents.map((each) => Buffer.from(each)),
      )
    }),
    { numRuns: 30 },
  )
})

test('a file begins with its version and the start of the session, then come the scalars', (t) => {
  const folder = temporaryFolder(t)
  twoStarts(folder)
  const [first, second] = readEventFiles(folder)
  t.like(first[0], { wallTime: 1_700_000_000.25, step: 0, fileVersion: 'brain.Event:2' })
  t.like(first[1], { step: 1, status: 1, scalars: {} })
  t.deepEqual(
    first.slice(2).map(({ step, scalars }) => [step, scalars]),
    [
      [2, { 'loss/masking': 8, 'memory/live': 2 ** 33 }],
      [4, { 'loss/masking': 6, 'memory/live': 2 ** 33 }],
      [6, { 'loss/masking': 4, 'memory/live': 2 ** 33 }],
    ],
  )
  t.like(second[1], { step: 5, status: 1 })
  t.deepEqual(second[2].scalars, { 'loss/masking': 3, 'loss/数': Number.NaN })
})

test('steps may be as large as numbers are exact', (t) => {
  const folder = temporaryFolder(t)
  const steps = [0, 127, 128, 2 ** 31, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER]
  const file = beginEventFile(folder, 1)
  for (const step of steps) file.scalars(step, {})
  t.deepEqual(
    readEventFiles(folder)[0]
      .slice(2)
      .map(({ step }) => step),
    steps,
  )
})

test('a file that begins in the same second, or after the clock was set back, is read after the older ones', (t) => {
  const folder = temporaryFolder(t)
  const times = [1_700_000_000_000, 1_700_000_000_900, 1_600_000_000_000]
  const names = times.map((time) => path.basename(beginEventFile(folder, 1, () => time).path))
  t.deepEqual(readdirSync(folder).sort(), names)
})

const withTensorBoard = python === undefined ? test.skip : test

withTensorBoard(
  "TensorBoard's own reader finds what was written, without what a resumed run does again",
  (t) => {
    const folder = temporaryFolder(t)
    twoStarts(folder)
    const program = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
read = EventAccumulator(sys.argv[1])
read.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in read.Scalars(tag)] for tag in read.Tags()['scalars']}))`
    const output = execFileSync(python as string, ['-c', program, folder], { encoding: 'utf8' })
    t.deepEqual(JSON.parse(output.replaceAll('NaN', 'null')), {
      'loss/masking': [
        [2, 8],
        [4, 6],
        [6, 3],
        [8, 1],
      ],
      'memory/live': [
        [2, 2 ** 33],
        [4, 2 ** 33],
      ],
      'loss/数': [
        [6, null],
        [8, null],
      ],
    })
  },
)
