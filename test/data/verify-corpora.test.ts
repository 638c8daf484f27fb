import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { verifyCorpora } from '../../lib/data/verify-corpora.ts'
import { temporaryFolder, tinyCorpus } from '../helpers/tiny-run.ts'

function flip(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(path, bytes)
}

test('corpora that are as they were written pass, now and meanwhile', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const directories = [join(folder, 'corpus/train'), join(folder, 'corpus/held-out')]
  for (const when of ['now', 'meanwhile', undefined] as const) {
    const verification = verifyCorpora(directories, when)
    await t.notThrowsAsync(verification.done)
    verification.check()
    const error = new TypeError('of another kind')
    t.is(await verification.explain(error), error)
    verification.close()
  }
})

test('a file that was altered is named: at once, by check, by done, and as the reason of another failure', async (t) => {
  const folder = temporaryFolder(t)
  await tinyCorpus(folder)
  const directories = [join(folder, 'corpus/train'), join(folder, 'corpus/held-out')]
  flip(join(directories[1], 'piece-00000/flags.u8'))
  const wanted = { code: 'CORPUS_CORRUPT', message: /held-out\/piece-00000\/flags\.u8 was altered/ }
  t.throws(() => verifyCorpora(directories, 'now'), wanted)
  // So little is read at once unless told.
  t.throws(() => verifyCorpora(directories), wanted)
  const verification = verifyCorpora(directories, 'meanwhile')
  verification.check()
  await t.throwsAsync(verification.done, wanted)
  t.throws(() => verification.check(), wanted)
  t.like(await verification.explain(new RangeError('an index')), { code: 'CORPUS_CORRUPT' })
  verification.close()
})
