import { writeFileSync } from 'node:fs'
import path from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { main } from '../../lib/cli/main.ts'
import { openCorpus } from '../../lib/data/corpus.ts'
import { startCommand } from '../helpers/command-line.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

const vocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'one', 'two', 'three', '.']

test.serial('every input named becomes part of the corpus', async (t) => {
  const folder = temporaryFolder(t)
  const inputs = ['one', 'two', 'three'].map((word) => path.join(folder, `${word}.txt`))
  for (const input of inputs) writeFileSync(input, `${path.basename(input, '.txt')}.\n`)
  const vocab = path.join(folder, 'vocab.txt')
  writeFileSync(vocab, `${vocabulary.join('\n')}\n`)
  const out = path.join(folder, 'corpus')
  t.is(await main(['prepare', ...inputs, '--vocab', vocab, '--out', out, '--language', 'en']), 0)
  const corpus = openCorpus(out)
  const words = Array.from({ length: corpus.documentCount }, (_, index) =>
    Array.from(corpus.document(index).tokens, (id) => vocabulary[id]).join(' '),
  )
  t.deepEqual(words, ['one .', 'two .', 'three .'])
  corpus.close()
})

test.serial('an option given twice is refused', async (t) => {
  t.is(await main(['prepare', 'a.txt', '--vocab', 'a', '--vocab', 'b', '--out', 'c', '--language', 'en']), 2)
})

/** A folder with a vocabulary, and its path. */
function folderOf(t: ExecutionContext): { folder: string; common: string[] } {
  const folder = temporaryFolder(t)
  const vocab = path.join(folder, 'vocab.txt')
  writeFileSync(vocab, `${vocabulary.join('\n')}\n`)
  return { folder, common: ['--vocab', vocab, '--language', 'en', '--out', path.join(folder, 'corpus')] }
}

for (const [format, text] of [
  ['text', 'one.\n\ntwo three.\n'],
  ['jsonl', '{"text":"one."}\n{"text":"two three."}\n'],
]) {
  test.serial(`standard input, ${format}`, async (t) => {
    const { folder, common } = folderOf(t)
    const { child, ended } = startCommand(['prepare', '-', '--format', format, ...common])
    child.stdin?.end(text)
    const { code, stdout, stderr } = await ended
    t.is(code, 0, stderr)
    t.regex(stdout, /corpus: 2 documents, 2 sentences, 5 words, 5 tokens/)
    const corpus = openCorpus(path.join(folder, 'corpus'))
    t.is(corpus.document(1).source, 'stdin')
    corpus.close()
  })
}

test.serial('pairs with named columns and labels; bad lines are counted', async (t) => {
  const { folder, common } = folderOf(t)
  const rows = path.join(folder, 'rows.tsv')
  writeFileSync(rows, 'q\tt\tclick\none\ttwo\t1\nthree\n two\tone\t0\n')
  const args = ['prepare', rows, '--pairs', '--columns', 'first=q,second=t,label=click', ...common]
  t.is(await main([...args, '--labels', '0=clicked,1=shown']), 2)
  t.is(await main([...args, '--labels', '0=clicked', '--skip-bad-lines']), 0)
  const corpus = openCorpus(path.join(folder, 'corpus'))
  t.is(corpus.documentCount, 1)
  t.deepEqual(corpus.labels, ['clicked'])
  corpus.close()
})

test.serial('pairs keep the labels of their column where none are named, and may have none', async (t) => {
  const { folder, common } = folderOf(t)
  const rows = path.join(folder, 'rows.tsv')
  writeFileSync(rows, 'q\tt\tclick\none\ttwo\tyes\nthree\tone\tno\n')
  const labelsWith = async (columns: string) => {
    t.is(await main(['prepare', rows, '--pairs', '--columns', columns, '--force', ...common]), 0)
    const corpus = openCorpus(path.join(folder, 'corpus'))
    t.is(corpus.documentCount, 2)
    corpus.close()
    return corpus.labels
  }
  t.deepEqual(await labelsWith('first=q,second=t,label=click'), ['no', 'yes'])
  t.deepEqual(await labelsWith('first=q,second=t'), [])
})

test.serial('pieces, then join', async (t) => {
  const { folder, common } = folderOf(t)
  const input = path.join(folder, 'a.txt')
  writeFileSync(input, 'one.\n\ntwo.\n\nthree.\n')
  const out = path.join(folder, 'corpus')
  t.is(await main(['prepare', input, '--piece', '2/2', ...common]), 0)
  t.is(await main(['prepare', '--join', out]), 2)
  t.is(await main(['prepare', input, '--piece', '1/2', ...common]), 0)
  t.is(await main(['prepare', '--join', out]), 0)
  const corpus = openCorpus(out, { verify: true })
  t.is(corpus.documentCount, 3)
  corpus.close()
})

const usage: [string[], RegExp][] = [
  [['a.txt', '--language', 'en'], /Missing required arguments: vocab, out; see everlearn prepare --help/],
  [['--piece', '3', 'a.txt', '--vocab', 'v', '--out', 'o', '--language', 'en'], /--piece is 3; give/],
  [['--join', 'o', 'a.txt'], /--join takes the folder/],
  [['a.tsv', '--columns', 'first=a', '--vocab', 'v', '--out', 'o', '--language', 'en'], /add --pairs/],
  [
    ['a.tsv', '--pairs', '--columns', 'first=a', '--vocab', 'v', '--out', 'o', '--language', 'en'],
    /give first=NAME,second=NAME/,
  ],
  [['a.txt', '--format', 'word', '--vocab', 'v', '--out', 'o', '--language', 'en'], /format/],
]
for (const [args, message] of usage) {
  test.serial(`refused: prepare ${args.join(' ')}`, async (t) => {
    const { write } = process.stderr
    let stderr = ''
    process.stderr.write = (text) => {
      stderr += text
      return true
    }
    try {
      t.is(await main(['prepare', ...args]), 2)
    } finally {
      process.stderr.write = write
    }
    t.regex(stderr, message)
  })
}
