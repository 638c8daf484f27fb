import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { smallVocabulary } from '../helpers/corpus.ts'
import { temporaryFolder, tinyText } from '../helpers/tiny-run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
const programs = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, text]) => text)

/** Runs a program of the read-me, on the sources instead of the installed package. */
async function run(t: ExecutionContext, folder: string, program: string): Promise<string> {
  const file = path.join(folder, 'program.ts')
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(file, program.replace("'everlearn'", JSON.stringify(path.join(root, 'lib/index.ts'))))
  const command = ['--import', import.meta.resolve('tsx'), file]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: folder })
  if (stderr) t.log(stderr)
  return stdout
}

test('the training program of the read-me runs', async (t) => {
  const folder = temporaryFolder(t)
  const text = tinyText(20)
  writeFileSync(path.join(folder, 'books.txt'), text)
  const words = new Set(text.toLowerCase().match(/[a-z]+/g))
  writeFileSync(path.join(folder, 'vocab.txt'), vocabularyText(smallVocabulary([...words])))
  const program = programs[0].replace('iterations: 1000', 'iterations: 3')
  t.not(program, programs[0])
  const stdout = await run(t, folder, program)
  t.true(existsSync(path.join(folder, stdout.split(' can be read')[0], 'model.safetensors')), stdout)
})

test('the program of the read-me about tensors finds what it says', async (t) => {
  const printed = await run(t, temporaryFolder(t), programs[1])
  const found = [...printed.matchAll(/\[ (.*?) \]/g)].map(([, list]) => list.split(', ').map(Number))
  t.deepEqual(
    found.map((list) => list.map(Math.round)),
    [[3, 2], [1]],
  )
})

test('what the read-me links to is there', (t) => {
  for (const [, target] of readme.matchAll(/\]\(([^)]+)\)/g))
    t.true(existsSync(path.join(root, target)), target)
})
