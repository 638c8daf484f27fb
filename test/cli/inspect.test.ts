import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { main } from '../../lib/cli/main.ts'
import { inspectCorpus } from '../../lib/report/inspect/inspect-corpus.ts'
import { wantsColour } from '../../lib/report/inspect/text/paint.ts'
import { runCommand } from '../helpers/command-line.ts'
import { tinyCorpus } from '../helpers/tiny-run.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'everlearn-inspect-'))
const corpus = path.join(folder, 'corpus/train')
const at = (name: string) => path.join(folder, name)
const parity = fileURLToPath(new URL('../fixtures/tasks/parity.ts', import.meta.url))

test.before(() => tinyCorpus(folder))
test.after.always(() => rmSync(folder, { recursive: true }))

/** What `everlearn inspect` says, in this process. */
async function inspect(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = { stdout: '', stderr: '' }
  const { log } = console
  const write = { stdout: process.stdout.write, stderr: process.stderr.write }
  console.log = (text) => {
    output.stdout += `${text}\n`
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = (text) => {
      output[stream] += text
      return true
    }
  }
  try {
    return { code: await main(['inspect', '--corpus', corpus, ...args]), ...output }
  } finally {
    console.log = log
    process.stdout.write = write.stdout
    process.stderr.write = write.stderr
  }
}

test.serial('statistics, plain where the output is no terminal', async (t) => {
  const { code, stdout, stderr } = await runCommand(['inspect', '--corpus', corpus, '--count', '20'])
  t.is(code, 0, stderr)
  t.regex(stdout, /^.*corpus\/train\n/)
  t.regex(stdout, /\n {2}documents +\d+\n/)
  t.regex(stdout, /\n {2}sentence-distance\n {2}20 inputs/)
  t.false(stdout.includes('\x1b'))
})

test.serial('samples in colour where that is asked for', async (t) => {
  const args = ['inspect', '--corpus', corpus, '--task', 'knowledge-masking', '--count', '2']
  const { stdout } = await runCommand(args, { env: { FORCE_COLOR: '1' } })
  t.true(stdout.includes('\x1b[31m[MASK]\x1b[39m'))
  t.regex(stdout, /sample 2/)
  t.notRegex(stdout, /sample 3/)
})

test('colour: FORCE_COLOR, then NO_COLOR, then whether it is a terminal', (t) => {
  t.true(wantsColour({}, true))
  t.false(wantsColour({}, false))
  t.false(wantsColour({ NO_COLOR: '1' }, true))
  t.true(wantsColour({ NO_COLOR: '' }, true))
  t.true(wantsColour({ FORCE_COLOR: '1' }, false))
  t.true(wantsColour({ FORCE_COLOR: '1', NO_COLOR: '1' }, false))
  t.false(wantsColour({ FORCE_COLOR: '0' }, true))
})

test.serial('--json gives samples and statistics', async (t) => {
  const args = [
    '--task',
    'sentence-distance',
    '--with',
    `knowledge-masking, ${parity}`,
    '--count',
    '3',
    '--seed',
    '4',
  ]
  const { stdout } = await inspect(...args, '--max-length', '48', '--json')
  const expected = await inspectCorpus({
    corpus,
    tasks: [{ task: 'sentence-distance' }, { task: 'knowledge-masking' }, { task: parity }],
    count: 3,
    seed: 4,
    maxLength: 48,
    statistics: true,
  })
  t.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(expected)))
})

test.serial('--options are those of the task', async (t) => {
  const { stdout } = await inspect(
    '--task',
    'knowledge-masking',
    '--options',
    '{"probability": 1}',
    '--count',
    '1',
  )
  t.regex(stdout, /knowledge-masking \{"probability":1\}/)
  t.regex(stdout, /\(100\.0 %\)/)
})

test.serial('a task of one’s own is given by its file, from the folder one is in', async (t) => {
  const before = process.cwd()
  process.chdir(path.dirname(parity))
  try {
    const { code, stdout } = await inspect('--task', './parity.ts', '--count', '1')
    t.is(code, 0)
    t.regex(stdout, /parity over the words: 0 · 1/)
  } finally {
    process.chdir(before)
  }
})

test.serial('--html writes the page, and only with --force over one that is there', async (t) => {
  const page = at('page.html')
  const args = ['--task', 'sentence-distance', '--count', '2', '--html', page]
  const { code, stdout } = await inspect(...args)
  t.is(code, 0)
  t.is(stdout, `${page}: 2 samples and statistics of ${corpus}\n`)
  const first = readFileSync(page, 'utf8')
  t.regex(first, /^<!doctype html>.*Sample 2.*Statistics of the corpus.*<\/html>\n$/s)
  const again = await inspect(...args, '--seed', '2')
  t.is(again.code, 2)
  t.regex(again.stderr, /page\.html exists; choose another name, or replace it with --force\n$/)
  t.is(readFileSync(page, 'utf8'), first)
  t.is((await inspect(...args, '--seed', '2', '--force')).code, 0)
  t.not(readFileSync(page, 'utf8'), first)
  t.deepEqual(
    readdirSync(folder).filter((name) => name.includes('page')),
    ['page.html'],
  )
})

const wrong: [string, string[], RegExp][] = [
  [
    'an unknown task',
    ['--task', 'knowlege-masking'],
    /no task "knowlege-masking"; did you mean "knowledge-masking"\? Known: .*your own/,
  ],
  [
    'an unknown task beside another',
    ['--task', 'sentence-distance', '--with', 'masking'],
    /no task "masking"; Known:/,
  ],
  ['no samples', ['--task', 'sentence-distance', '--count', '0'], /samples is 0/],
  ['no inputs', ['--count', '-1'], /label balance is -1/],
  ['a count that is no number', ['--count', 'many'], /NaN/],
  ['options that are no JSON', ['--task', 'knowledge-masking', '--options', '{a'], /--options is not JSON/],
  [
    'options that are no object',
    ['--task', 'knowledge-masking', '--options', '[1]'],
    /--options is \[1\]; wanted is an object/,
  ],
  [
    'options that the task has not',
    ['--task', 'knowledge-masking', '--options', '{"a": 1}'],
    /options of knowledge-masking.*"a"/,
  ],
  ['options without a task', ['--options', '{}'], /--options is about a --task/],
  ['riders without a task', ['--with', 'knowledge-masking'], /--with is about a --task/],
  [
    'two sentence tasks',
    ['--task', 'sentence-distance', '--with', 'sentence-distance'],
    /two tasks are called sentence-distance/,
  ],
  [
    'a task that refuses the corpus',
    ['--task', 'knowledge-masking', '--options', '{"levels": {"entity": 1}}', '--html', at('refused.html')],
    /entity level, but .* is not annotated/,
  ],
  ['a page in a folder that is not there', ['--html', at('none/page.html')], /none does not exist; make it/],
  ['a page that is a folder', ['--html', at('folder'), '--force'], /folder exists and is no file/],
  ['a page that is there', ['--html', at('text.txt')], /text\.txt exists; choose another name/],
]

for (const [what, args, message] of wrong) {
  test.serial(`${what}: one line, exit code 2, nothing written`, async (t) => {
    mkdirSync(at('folder'), { recursive: true })
    const before = readdirSync(folder).filter((name) => name !== 'page.html')
    const { code, stdout, stderr } = await inspect(...args)
    t.is(code, 2, stderr)
    t.regex(stderr, message)
    t.regex(stderr, /^everlearn: [^\n]*\n$/)
    t.is(stdout, '')
    t.deepEqual(
      readdirSync(folder).filter((name) => name !== 'page.html'),
      before,
    )
  })
}

test.serial('a corpus that is not there', async (t) => {
  writeFileSync(at('file'), '')
  t.is(await main(['inspect', '--corpus', at('none')]), 2)
  t.is(await main(['inspect', '--corpus', at('file')]), 2)
})
