import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { CheckpointFiles } from '../../../lib/train/checkpoint/checkpoint-files.ts'
import { temporaryFolder } from '../../helpers/tiny-run.ts'

test('files hold the parts one after another, and hashes are those of the files', async (t) => {
  const directory = temporaryFolder(t)
  const files = new CheckpointFiles(directory)
  const large = Uint8Array.from({ length: (1 << 24) + 12_345 }, (_, index) => (index * 7919) >> 3)
  const parts = {
    'a.bin': [Buffer.from('header'), large, new Uint8Array(0), large.subarray(5, 99)],
    'b.bin': [],
  }
  for (const [name, bytes] of Object.entries(parts)) await files.write(name, bytes)
  await files.synced()

  t.true(readFileSync(path.join(directory, 'a.bin')).equals(Buffer.concat(parts['a.bin'])))
  t.is(statSync(path.join(directory, 'b.bin')).size, 0)
  const sums = execFileSync('sha256sum', Object.keys(parts), { cwd: directory, encoding: 'utf8' })
  t.deepEqual(
    Object.entries(files.hashes).map(([name, hash]) => `${hash}  ${name}`),
    sums.trim().split('\n'),
  )
})

test('a file that is there already is not written over', async (t) => {
  const directory = temporaryFolder(t)
  writeFileSync(path.join(directory, 'a.bin'), 'kept')
  const files = new CheckpointFiles(directory)
  await t.throwsAsync(files.write('a.bin', [Buffer.from('new')]), { code: 'EEXIST' })
  await files.synced()
  t.deepEqual(files.hashes, {})
  t.is(readFileSync(path.join(directory, 'a.bin'), 'utf8'), 'kept')
})
