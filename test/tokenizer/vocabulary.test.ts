import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { EverlearnError } from '../../lib/error.ts'
import { readVocabulary } from '../../lib/tokenizer/vocabulary.ts'

const directory = mkdtempSync(join(tmpdir(), 'everlearn-vocabulary-'))
test.after.always(() => rmSync(directory, { recursive: true }))

const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
let files = 0
function file(contents: string | Buffer, name = 'vocab.txt'): string {
  const path = join(directory, `${files++}-${name}`)
  writeFileSync(path, contents)
  return path
}

test('the English vocabulary has the ids of BERT', (t) => {
  const vocabulary = readVocabulary('examples/quickstart/data/vocab.txt.gz')
  const { size, pad, unknown, cls, sep, mask } = vocabulary
  t.deepEqual(
    { size, pad, unknown, cls, sep, mask },
    { size: 30522, pad: 0, unknown: 100, cls: 101, sep: 102, mask: 103 },
  )
  t.is(vocabulary.id('##ing'), 2075)
  t.is(vocabulary.tokens[2075], '##ing')
  t.is(vocabulary.id('nothing like it'), undefined)
})

test('the Chinese vocabulary of ERNIE has numbered lines', (t) => {
  const { size, pad, unknown, cls, sep, mask } = readVocabulary(
    'test/fixtures/tokenizer/ernie-vocab_zh.txt.gz',
  )
  t.deepEqual(
    { size, pad, unknown, cls, sep, mask },
    { size: 17964, pad: 0, unknown: 17963, cls: 1, sep: 2, mask: 3 },
  )
})

test('every way to store a vocabulary has the same hash', (t) => {
  const tokens = [...specials, 'a', '中', '\u3000', '\u2028', '##b']
  const numbered = tokens.map((token, id) => `${token}\t${id}`).reverse()
  const read = [
    file(tokens.join('\n')),
    file(`${tokens.join('\n')}\n`),
    file(`${tokens.join('\r\n')}\r\n`),
    file(gzipSync(tokens.join('\n'))),
    file(numbered.join('\n')),
  ].map(readVocabulary)
  for (const vocabulary of read) {
    t.deepEqual(vocabulary.tokens, tokens)
    t.is(vocabulary.sha256, read[0].sha256)
  }
})

const bad: [string, string | Buffer, RegExp][] = [
  ['no [MASK]', '[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n', /vocab\.txt \(5 pieces\) lacks \[MASK\];.*is needed/],
  ['nothing in it', '', /\(0 pieces\) lacks \[PAD\], \[UNK\], \[CLS\], \[SEP\], \[MASK\]/],
  ['a piece twice', [...specials, 'a', 'b', 'a'].join('\n'), /has "a" twice, at ids 5 and 7/],
  ['an empty line', [...specials, '', 'b'].join('\n'), /empty piece at id 5/],
  [
    'an id twice',
    [...specials, 'a'].map((token) => `${token}\t0`).join('\n'),
    /line 2 gives "\[UNK\]" the id 0/,
  ],
  [
    'a gap in the ids',
    specials.map((token, id) => `${token}\t${id * 2}`).join('\n'),
    /the id 6, which passes the last/,
  ],
  ['not UTF-8', Buffer.from([0x41, 0x0a, 0xff, 0xfe]), /is not UTF-8/],
  ['a cut gzip file', gzipSync('a'.repeat(1000)).subarray(0, 20), /cannot read the vocabulary/],
]
for (const [name, contents, message] of bad) {
  test(`refused: ${name}`, (t) => {
    t.throws(() => readVocabulary(file(contents)), { instanceOf: EverlearnError, message })
  })
}

test('refused: no such file', (t) => {
  t.throws(() => readVocabulary(join(directory, 'nowhere.txt')), {
    instanceOf: EverlearnError,
    code: 'FILE_UNREADABLE',
    message: /cannot read the vocabulary .*nowhere\.txt.*give the path of a vocab\.txt/,
  })
})
