import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { main } from '../../lib/cli/main.ts'
import { prepare } from '../../lib/data/prepare.ts'
import { readVocabulary } from '../../lib/tokenizer/vocabulary.ts'
import { runCommand } from '../helpers/command-line.ts'
import { temporaryFolder, tinyText } from '../helpers/tiny-run.ts'

const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']

/** Runs the command in this process. */
async function vocab(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = { stdout: '', stderr: '' }
  const { log } = console
  const { write } = process.stderr
  console.log = (text: string) => {
    output.stdout += `${text}\n`
  }
  process.stderr.write = (text) => {
    output.stderr += text
    return true
  }
  try {
    return { code: await main(['vocab', ...args]), ...output }
  } finally {
    console.log = log
    process.stderr.write = write
  }
}

/** A folder with some text files, and what its files are called with their folder. */
function filesIn(t: ExecutionContext, files: Record<string, string | Buffer>): (name: string) => string {
  const folder = temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content)
  return (name) => path.join(folder, name)
}

test.serial('a vocabulary from several files, plain and .gz, in a new folder', async (t) => {
  const at = filesIn(t, { 'a.txt': 'Hug hug\n\nPUG\n', 'b.txt.gz': gzipSync('hugs pug\r\n') })
  const args = [at('a.txt'), at('b.txt.gz'), '--size', '100', '--out', at('new/vocab.txt')]
  const { code, stdout, stderr } = await vocab(...args)
  t.is(code, 0, stderr)
  // Of h ##u ##g (3), p ##u ##g (2): ##ug, then hug before pug; hug ##s meet once.
  const alphabet = ['g', 'h', 'p', 's', 'u', '##g', '##s', '##u']
  t.deepEqual(readFileSync(at('new/vocab.txt'), 'utf8').split('\n'), [
    ...specials,
    ...alphabet,
    ...['##ug', 'hug', 'pug'],
    '',
  ])
  t.deepEqual(readdirSync(at('new')), ['vocab.txt'])
  t.regex(stdout, /vocab\.txt: 16 pieces from 3 different words; 5 of the 5 characters/)
  t.regex(stdout, /training text: 5 words, 80\.00 % of them one piece, 1\.200 pieces per word, 0\.0000 %/)
  t.regex(stderr, /^.*vocab\.txt has 16 pieces instead of 100: no two pieces meet 2 times or more.*\n$/)
})

test.serial('figures as JSON, cased, with held-out text, few characters and unused places', async (t) => {
  const at = filesIn(t, {
    'text.txt': 'Ab Ab Ab Ab c\n',
    'one.txt': 'ab\n',
    'two.txt': 'Ab Abb é\n',
  })
  const options = [
    '--cased',
    '--alphabet',
    '2',
    '--unused',
    '1',
    '--min-count',
    '4',
    '--size',
    '10',
    '--json',
  ]
  const heldOut = ['--held-out', at('one.txt'), at('two.txt')]
  const out = ['--out', at('vocab.txt')]
  const { code, stdout, stderr } = await vocab(at('text.txt'), ...options, ...out, ...heldOut)
  t.is(code, 0, stderr)
  t.is(stderr, '')
  t.deepEqual(readVocabulary(at('vocab.txt')).tokens, [...specials, '[unused0]', 'A', 'b', '##b', 'Ab'])
  t.deepEqual(JSON.parse(stdout), {
    file: at('vocab.txt'),
    size: 10,
    wanted: 10,
    distinctWords: 2,
    forgottenWords: 0,
    characters: { kept: 2, found: 3 },
    training: { words: 5, tokens: 5, whole: 4 / 5, piecesPerWord: 1, unknown: 1 / 5 },
    // ab and é are unknown, Ab is whole, Abb is Ab ##b.
    heldOut: { words: 4, tokens: 5, whole: 1 / 4, piecesPerWord: 5 / 4, unknown: 2 / 5 },
  })
})

test.serial('prepare takes what vocab made', async (t) => {
  const at = filesIn(t, { 'text.txt': tinyText(20) })
  const { code } = await vocab(at('text.txt'), '--size', '150', '--out', at('vocab.txt'))
  t.is(code, 0)
  const report = await prepare({
    inputs: [at('text.txt')],
    vocabulary: at('vocab.txt'),
    out: at('corpus'),
    language: 'en',
    lowerCase: true,
  })
  t.is(report.counts.documents, 20)
  t.is(report.unknownShare, 0)
})

test.serial('of Chinese more characters are kept', async (t) => {
  const ideographs = Array.from({ length: 1500 }, (_, index) => String.fromCharCode(0x4e00 + index))
  const at = filesIn(t, { 'text.txt': ideographs.join('') })
  const kept = async (...args: string[]) => {
    const { stdout } = await vocab(at('text.txt'), '--size', '5000', '--out', at('v'), '--json', ...args)
    return JSON.parse(stdout).characters
  }
  t.deepEqual(await kept('--language', 'zh'), { kept: 1500, found: 1500 })
  t.deepEqual(await kept('--force'), { kept: 1000, found: 1500 })
  t.deepEqual(await kept('--force', '--language', 'zh', '--alphabet', '1200'), { kept: 1200, found: 1500 })
})

test.serial('--force replaces a vocabulary and nothing else', async (t) => {
  const at = filesIn(t, { 'text.txt': 'one two\n', 'vocab.txt': `${specials.join('\n')}\nold\n` })
  const args = (out: string) => [at('text.txt'), '--size', '50', '--out', at(out)]
  t.is((await vocab(...args('vocab.txt'))).code, 2)
  t.true(readFileSync(at('vocab.txt'), 'utf8').includes('old'))
  t.is((await vocab(...args('vocab.txt'), '--force')).code, 0)
  t.false(readFileSync(at('vocab.txt'), 'utf8').includes('old'))

  const { code, stderr } = await vocab(...args('text.txt'), '--force')
  t.is(code, 2)
  t.regex(stderr, /text\.txt exists and was not made by this command/)
  t.is(readFileSync(at('text.txt'), 'utf8'), 'one two\n')
})

const text = 'text.txt'
const refused: { what: string; args: string[]; message: RegExp }[] = [
  {
    what: 'a file that is there',
    args: [text, '--out', 'old.txt'],
    message: /old\.txt exists; choose another/,
  },
  { what: 'a folder as output', args: [text, '--out', 'folder'], message: /folder is a directory/ },
  {
    what: 'a file as folder',
    args: [text, '--out', 'old.txt/v.txt'],
    message: /old\.txt is not a directory/,
  },
  { what: 'a text that is missing', args: ['none.txt'], message: /none\.txt does not exist/ },
  { what: 'a folder as text', args: ['folder'], message: /folder is a directory/ },
  {
    what: 'a held-out text that is missing',
    args: [text, '--held-out', 'none.txt'],
    message: /none\.txt does not/,
  },
  {
    what: 'held-out text without words',
    args: [text, '--held-out', 'blank.txt'],
    message: /no word in the text/,
  },
  { what: 'text without words', args: ['blank.txt'], message: /no word in the text/ },
  { what: 'text in another encoding', args: ['latin.txt'], message: /latin\.txt is not UTF-8: line 1/ },
  { what: 'a damaged .gz', args: ['cut.gz'], message: /cut\.gz.*damaged or cut short/ },
  { what: 'a size that is no number', args: [text, '--size', 'big'], message: /size/ },
  {
    what: 'too small a size',
    args: [text, '--size', '11'],
    message: /of 11 pieces has no room for 5 special and 0 unused ones, 5 characters and 4 that continue/,
  },
  { what: 'a minimal count of 0', args: [text, '--min-count', '0'], message: /minCount is 0/ },
  { what: 'an unknown language', args: [text, '--language', 'fr'], message: /"fr".*"en", "zh"/ },
]
for (const { what, args, message } of refused) {
  test.serial(`refused, with nothing left behind: ${what}`, async (t) => {
    const at = filesIn(t, {
      'text.txt': 'one two',
      'old.txt': 'old',
      'blank.txt': ' \n\n',
      'latin.txt': Buffer.from([0x61, 0xe9, 0x62, 0x0a]),
      'cut.gz': gzipSync('word '.repeat(1000)).subarray(0, 30),
    })
    mkdirSync(at('folder'))
    const before = readdirSync(at('.'), { recursive: true })
    // An option given twice would be another mistake.
    const given = (option: string, value: string) => (args.includes(option) ? [] : [option, value])
    const all = [...args, ...given('--out', 'new.txt'), ...given('--size', '50')]
    const names = [...before.map(String), 'none.txt', 'new.txt', 'old.txt/v.txt']
    const { code, stderr, stdout } = await vocab(
      ...all.map((each) => (names.includes(each) ? at(each) : each)),
    )
    t.is(code, 2, stderr)
    t.regex(stderr, message)
    t.regex(stderr, /^everlearn: .*\n$/)
    t.is(stdout, '')
    t.deepEqual(readdirSync(at('.'), { recursive: true }), before)
  })
}

test.serial('as a process of its own', async (t) => {
  const at = filesIn(t, { 'text.txt': 'aab aab' })
  const args = ['vocab', 'text.txt', '--size', '10', '--out', 'vocab.txt']
  const { code, stdout, stderr } = await runCommand(args, { cwd: at('.') })
  t.is(code, 0, stderr)
  t.is(stderr, '')
  t.regex(stdout, /^vocab\.txt: 10 pieces/)
  t.true(existsSync(at('vocab.txt')))
})
