import { writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'ava'
import { main } from '../../lib/cli/main.ts'
import { openCorpus } from '../../lib/data/corpus.ts'
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
