import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import test, { type ExecutionContext } from 'ava'
import {
  checkpointName,
  checkpointNames,
  checkpointPath,
  findCheckpoint,
  latestCheckpoint,
  returnToCheckpoint,
  stageEndedBy,
  writeCheckpoint,
} from '../../../lib/train/checkpoint/checkpoint.ts'
import type { CheckpointFiles } from '../../../lib/train/checkpoint/checkpoint-files.ts'
import { temporaryFolder } from '../../helpers/tiny-run.ts'

const all = { keep: 10, best: null }

const fill = (content: string) => async (files: CheckpointFiles) => {
  await files.write('a.bin', [Buffer.from(content)])
  await writeFile(path.join(files.directory, 'b.json'), `{"of":"${content}"}`)
}

async function runWith(t: ExecutionContext, ...steps: number[]): Promise<string> {
  const run = temporaryFolder(t)
  for (const step of steps) await writeCheckpoint(run, checkpointName(step), all, fill(`step ${step}`))
  return run
}

test('names sort by step, the end of a stage after its last step, parts of the next step after that', async (t) => {
  const run = temporaryFolder(t)
  for (const [step, place] of [
    [900, {}],
    [1000, { microBatches: 3 }],
    [1000, { stage: 1 }],
    [1000, {}],
    [123456789, {}],
  ] as const) {
    mkdirSync(checkpointPath(run, checkpointName(step, place)), { recursive: true })
  }
  t.deepEqual(checkpointNames(run), [
    'step-00000900',
    'step-00001000',
    'step-00001000-stage-1',
    'step-00001000-batch-3',
    'step-123456789',
  ])
  t.is(stageEndedBy('step-00001000-stage-1'), 1)
  t.is(stageEndedBy('step-00001000'), null)
})

test('the last ones are kept and latest names the newest', async (t) => {
  const run = temporaryFolder(t)
  t.is(latestCheckpoint(run), null)
  t.is(await findCheckpoint(run), null)
  for (const step of [5, 10, 15]) {
    await writeCheckpoint(run, checkpointName(step), { keep: 2, best: null }, fill(`step ${step}`))
    t.is(latestCheckpoint(run), checkpointName(step))
  }
  t.deepEqual(checkpointNames(run), ['step-00000010', 'step-00000015'])
  t.deepEqual(readdirSync(path.join(run, 'checkpoints')).sort(), checkpointNames(run))
  t.is(await findCheckpoint(run), checkpointPath(run, 'step-00000015'))
})

test('the best one is kept and named too', async (t) => {
  const run = temporaryFolder(t)
  for (const step of [5, 10, 15, 20]) {
    const best = checkpointName(step < 15 ? 5 : 15)
    await writeCheckpoint(run, checkpointName(step), { keep: 1, best }, fill(`step ${step}`))
    t.is(readFileSync(path.join(run, 'best'), 'utf8'), `${best}\n`)
    t.true(existsSync(checkpointPath(run, best)))
  }
  t.deepEqual(checkpointNames(run), ['step-00000015', 'step-00000020'])
  await returnToCheckpoint(run, checkpointPath(run, 'step-00000015'), 'step-00000005')
  t.false(existsSync(path.join(run, 'best')), 'it names no checkpoint that is gone')
})

test('a failure while it is written leaves the one before and no litter', async (t) => {
  const run = await runWith(t, 1)
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { syscall: 'write' })
  await t.throwsAsync(
    writeCheckpoint(run, 'step-00000002', all, async (files) => {
      await files.write('a.bin', [Buffer.from('half')])
      throw full
    }),
    {
      name: 'EverlearnError',
      message: /cannot write .*step-00000002: ENOSPC.*step-00000001 is intact; make room/,
    },
  )
  t.is(latestCheckpoint(run), 'step-00000001')
  t.deepEqual(readdirSync(path.join(run, 'checkpoints')), ['step-00000001'])
  t.truthy(await findCheckpoint(run))
})

test('one that was renamed but never pointed to is written again', async (t) => {
  const run = await runWith(t, 1, 2)
  writeFileSync(path.join(run, 'latest'), 'step-00000001\n')
  await writeCheckpoint(run, 'step-00000002', all, fill('again'))
  t.is(readFileSync(path.join(checkpointPath(run, 'step-00000002'), 'a.bin'), 'utf8'), 'again')
})

test('going back removes what came after', async (t) => {
  const run = await runWith(t, 1, 2, 3)
  const checkpoint = await findCheckpoint(run, 'step-00000001')
  await returnToCheckpoint(run, checkpoint!, null)
  t.deepEqual(checkpointNames(run), ['step-00000001'])
  t.is(latestCheckpoint(run), 'step-00000001')
})

test('every byte of every file is watched, and the file is named', async (t) => {
  const run = await runWith(t, 1)
  const directory = checkpointPath(run, 'step-00000001')
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name)
    const whole = readFileSync(file)
    for (let place = 0; place < whole.length; place++) {
      const changed = Buffer.from(whole)
      changed[place] ^= 1 << (place % 8)
      writeFileSync(file, changed)
      await t.throwsAsync(
        findCheckpoint(run),
        { name: 'EverlearnError', message: new RegExp(name) },
        `${name} ${place}`,
      )
    }
    writeFileSync(file, whole.subarray(0, -1))
    await t.throwsAsync(findCheckpoint(run), { message: new RegExp(`${name} (has|is)`) })
    writeFileSync(file, whole)
  }
  await rename(path.join(directory, 'a.bin'), path.join(directory, 'c.bin'))
  await t.throwsAsync(findCheckpoint(run), { message: /a\.bin is missing/ })
})

test('a newer format, another name and a broken pointer are told', async (t) => {
  const run = await runWith(t, 1)
  await t.throwsAsync(findCheckpoint(run, 'step-00000009'), {
    message: /has no checkpoint step-00000009; it has step-00000001/,
  })
  const manifest = path.join(checkpointPath(run, 'step-00000001'), 'manifest.json')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"version": 1', '"version": 2'))
  await t.throwsAsync(findCheckpoint(run), {
    message: /format 2, this everlearn reads up to 1; update everlearn/,
  })
  writeFileSync(path.join(run, 'latest'), '../../etc')
  t.throws(() => latestCheckpoint(run), { message: /latest should hold the name of a checkpoint/ })
  t.true(existsSync(manifest))
})
