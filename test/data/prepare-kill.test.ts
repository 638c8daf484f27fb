import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { openCorpus } from '../../lib/data/corpus.ts'
import { joinPieces } from '../../lib/data/join-pieces.ts'
import { EverlearnError } from '../../lib/error.ts'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { runCommand, startCommand } from '../helpers/command-line.ts'
import { smallVocabulary } from '../helpers/corpus.ts'
import { scratch } from '../helpers/directory.ts'
import { tinyText } from '../helpers/tiny-run.ts'

const directory = scratch(test)
const documents = 2000

/** A folder with a text, and the command line that prepares it. */
function workOf(): { work: string; args: string[] } {
  const work = directory()
  writeFileSync(join(work, 'text.txt'), tinyText(documents))
  writeFileSync(join(work, 'vocab.txt'), vocabularyText(smallVocabulary()))
  const args = ['prepare', 'text.txt', '--vocab', 'vocab.txt', '--language', 'en', '--out', 'out/corpus']
  return { work, args }
}

/** Runs a command and kills it as soon as something with a name like this is in its folder; false where it ended before. */
async function killAt(work: string, args: string[], name: RegExp): Promise<boolean> {
  const { child, ended } = startCommand(args, { cwd: work })
  let running = true
  ended.finally(() => {
    running = false
  })
  while (running) {
    if (namesBelow(join(work, 'out')).some((found) => name.test(found))) child.kill('SIGKILL')
    await setTimeout(2)
  }
  return (await ended).code === null
}

function namesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true }).map(String)
  } catch {
    // Not there yet, or changed while it was read.
    return []
  }
}

/** Every folder that opens as a corpus is a whole one. Returns how many there are. */
function checkWhole(t: ExecutionContext, folder: string): number {
  let opened = 0
  for (const name of ['', ...namesBelow(folder)]) {
    const path = join(folder, name)
    if (!existsSync(join(path, 'manifest.json'))) {
      t.throws(() => openCorpus(path), { instanceOf: EverlearnError })
      continue
    }
    const corpus = openCorpus(path, { verify: true })
    t.is(corpus.documentCount, documents)
    corpus.close()
    opened++
  }
  return opened
}

const moments = [/tmp-\w+$/, /tokens\.u16$/, /vocab\.txt/, /manifest\.json/]
for (const moment of moments) {
  test.serial(
    `killed when ${moment.source} is there, prepare leaves no corpus that is not whole`,
    async (t) => {
      const { work, args } = workOf()
      mkdirSync(join(work, 'out'))
      t.true(await killAt(work, args, moment))
      checkWhole(t, join(work, 'out'))
      rmSync(join(work, 'out'), { recursive: true })
      t.is((await runCommand(args, { cwd: work })).code, 0)
      t.is(checkWhole(t, join(work, 'out')), 1)
    },
  )
}

test.serial('killed at any time, a piece can be made again and all be joined', async (t) => {
  const { work, args } = workOf()
  const corpus = join(work, 'out/corpus')
  t.is((await runCommand([...args, '--piece', '1/2'], { cwd: work })).code, 0)
  const second = [...args, '--piece', '2/2']
  const moments = [/\.tmp-piece-00002-\w+$/, /^corpus\/piece-00002-00000$/, /\.tmp-piece-00002-of/]
  for (const moment of moments) {
    await killAt(work, second, moment)
    t.is(checkWhole(t, join(work, 'out')), 0)
  }
  t.is((await runCommand(second, { cwd: work })).code, 0)
  await killAt(work, ['prepare', '--join', 'out/corpus'], /\.tmp-manifest/)
  t.true(checkWhole(t, join(work, 'out')) <= 1)
  t.is((await runCommand(['prepare', '--join', 'out/corpus'], { cwd: work })).code, 0)
  t.is(checkWhole(t, join(work, 'out')), 1)
  t.deepEqual(
    readdirSync(corpus).filter((name) => /^\.|json$/.test(name)),
    ['manifest.json'],
  )
  t.is(joinPieces(corpus)[0].counts.documents, documents)
})
