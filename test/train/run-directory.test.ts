import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import test from 'ava'
import { createRun, openRun } from '../../lib/train/run-directory.ts'
import { lockRun, unlockRun } from '../../lib/train/run-lock.ts'
import { temporaryFolder, tinyRunPlan } from '../helpers/tiny-run.ts'

test('a run appears with its plan, is held, and can be opened when it was given up', async (t) => {
  const folder = temporaryFolder(t)
  const directory = path.join(folder, 'runs', 'first')
  const plan = tinyRunPlan(folder)
  const run = await createRun(directory, plan)
  t.deepEqual(readdirSync(directory).sort(), ['.lock', 'plan.json'])
  await t.throwsAsync(openRun(directory), { message: new RegExp(`process ${process.pid} is training in`) })
  await t.throwsAsync(createRun(directory, plan), {
    message: /exists; continue it with `everlearn resume .*first` or choose another --out/,
  })
  run.close()
  const again = await openRun(directory)
  t.deepEqual(again.plan, plan)
  again.close()
  t.deepEqual(readdirSync(directory), ['plan.json'])
})

test('litter of a killed process is removed', async (t) => {
  const folder = temporaryFolder(t)
  const directory = path.join(folder, 'run')
  ;(await createRun(directory, tinyRunPlan(folder))).close()
  mkdirSync(path.join(directory, 'checkpoints', '.tmp-step-00000001-12345678'), { recursive: true })
  writeFileSync(path.join(directory, '.tmp-latest-12345678'), '')
  ;(await openRun(directory)).close()
  t.deepEqual(readdirSync(directory).sort(), ['checkpoints', 'plan.json'])
  t.deepEqual(readdirSync(path.join(directory, 'checkpoints')), [])
})

test('a folder that is no run is neither opened nor overwritten', async (t) => {
  const folder = temporaryFolder(t)
  const directory = path.join(folder, 'mine')
  mkdirSync(directory)
  await t.throwsAsync(openRun(directory), { message: /is no run \(it has no plan\.json\)/ })
  await t.throwsAsync(createRun(directory, tinyRunPlan(folder)), {
    message: /exists; it is no run, so choose another --out/,
  })
  t.deepEqual(readdirSync(directory), [])
})

test('a start that was killed before the plan was written does not stand in the way', async (t) => {
  const folder = temporaryFolder(t)
  const directory = path.join(folder, 'run')
  mkdirSync(directory)
  writeFileSync(
    path.join(directory, '.lock'),
    JSON.stringify({ pid: 1, host: hostname(), started: 'before' }),
  )
  writeFileSync(path.join(directory, '.tmp-plan.json-12345678'), '{')
  ;(await createRun(directory, tinyRunPlan(folder))).close()
  t.deepEqual(readdirSync(directory), ['plan.json'])
})

test('only one process holds a folder; a lock whose process is gone is taken over', (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, '.lock')
  lockRun(folder)
  t.throws(() => lockRun(folder), { name: 'EverlearnError' })
  unlockRun(folder)
  t.false(existsSync(file))
  writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname(), started: 'another boot' }))
  t.notThrows(() => lockRun(folder))
  unlockRun(folder)
  writeFileSync(file, 'not a lock')
  t.notThrows(() => lockRun(folder))
  unlockRun(folder)
  writeFileSync(file, JSON.stringify({ pid: 1, host: 'elsewhere', started: '' }))
  t.throws(() => lockRun(folder), {
    message: /process 1 of elsewhere; if that process is gone, delete .*\.lock/,
  })
  t.deepEqual(readdirSync(folder), ['.lock'])
})
