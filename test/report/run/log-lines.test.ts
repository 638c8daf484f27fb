import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { followLog } from '../../../lib/report/run/log-lines.ts'
import { temporaryFolder } from '../../helpers/tiny-run.ts'

function followed(t: ExecutionContext) {
  const file = path.join(temporaryFolder(t), 'log.jsonl')
  const taken: unknown[] = []
  let restarts = 0
  const log = followLog(
    () => file,
    (line) => taken.push(line.n),
    () => {
      restarts++
      taken.length = 0
    },
  )
  return { file, taken, log, restarts: () => restarts }
}

test('only what is new is taken, a line when its end is there', async (t) => {
  const { file, taken, log, restarts } = followed(t)
  t.false(await log.read())
  writeFileSync(file, '{"n":1}\n{"n":2}\n{"n"')
  t.true(await log.read())
  t.deepEqual(taken, [1, 2])
  t.false(await log.read())
  appendFileSync(file, ':3}\n')
  t.true(await log.read())
  t.deepEqual(taken, [1, 2, 3])
  t.is(restarts(), 0)
})

test('what is no object is passed over', async (t) => {
  const { file, taken, log } = followed(t)
  writeFileSync(file, '{"n":1}\n\nnonsense\n{"n":\n[1]\nnull\n7\n{"n":2}\n')
  await log.read()
  t.deepEqual(taken, [1, 2])
})

test('a log that was cut, replaced or removed begins anew', async (t) => {
  const { file, taken, log, restarts } = followed(t)
  writeFileSync(file, '{"n":1}\n{"n":2}\n{"n":3}\n')
  await log.read()
  truncateSync(file, 8)
  t.true(await log.read())
  t.deepEqual(taken, [1])
  t.is(restarts(), 1)
  writeFileSync(`${file}.new`, '{"n":1}\n{"n":4}\n{"n":5}\n')
  renameSync(`${file}.new`, file)
  t.true(await log.read())
  t.deepEqual(taken, [1, 4, 5])
  t.is(restarts(), 2)
  rmSync(file)
  t.true(await log.read())
  t.deepEqual(taken, [])
  t.false(await log.read())
})

test('lines longer than what is read at once, and characters cut by it, are whole', async (t) => {
  const { file, taken, log } = followed(t)
  const long = '統'.repeat(900_000)
  writeFileSync(file, `{"n":"a"}\n{"n":"${long}"}\n{"n":"b"}\n`)
  await log.read()
  t.is(taken.length, 3)
  t.true(taken[1] === long)
  t.is(taken[2], 'b')
})
