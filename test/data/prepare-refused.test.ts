import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { openCorpus } from '../../lib/data/corpus.ts'
import { prepare } from '../../lib/data/prepare.ts'
import { EverlearnError } from '../../lib/error.ts'
import { scratch } from '../helpers/directory.ts'
import { type PrepareSettings, prepareTexts, twoDocuments } from '../helpers/prepare-texts.ts'

const directory = scratch(test)

const refused: {
  name: string
  text: string | Buffer
  settings?: PrepareSettings
  code: string
  message: RegExp
}[] = [
  {
    name: 'a text that is not UTF-8',
    text: Buffer.from('first line\nsecond caf\u00e9 line\n', 'latin1'),
    code: 'NOT_UTF8',
    message: /text-0\.txt is not UTF-8: line 2, byte 21 begins e9 20 6c 69; convert it/,
  },
  {
    name: 'not UTF-8 far into a gzip file',
    text: gzipSync(
      Buffer.concat([Buffer.from('the \ufffd cat é\n'.repeat(100_000)), Buffer.from([0x41, 0xc3])]),
    ),
    code: 'NOT_UTF8',
    message: /line 100001, byte 1500001 begins c3;/,
  },
  {
    name: 'UTF-16',
    text: Buffer.from('\ufeffthe cat\n', 'utf16le'),
    code: 'NOT_UTF8',
    message: /line 1, byte 0 begins ff fe 74 00, as UTF-16 does; .*iconv -f UTF-16/,
  },
  {
    name: 'an empty file',
    text: '',
    code: 'CORPUS_EMPTY',
    message: /no text was found in .*text-0\.txt; give files/,
  },
  {
    name: 'blank lines only',
    text: ' \n\n\t\n\u200b\n',
    code: 'CORPUS_EMPTY',
    message: /no text was found/,
  },
  {
    name: 'a held-out share that holds nothing',
    text: 'cat',
    settings: { heldOut: 1e-9 },
    code: 'CORPUS_EMPTY',
    message: /none of the 1 documents fell into held-out with a held-out share of 1e-9/,
  },
  {
    name: 'a damaged gzip file',
    text: gzipSync(twoDocuments.repeat(1000)).subarray(0, 200),
    code: 'FILE_UNREADABLE',
    message: /cannot read .*text-0\.txt: unexpected end of file; the gzip file is damaged/,
  },
  {
    name: 'a line without end',
    text: `cat\n${'the cat '.repeat(400_000)}`,
    settings: { longestLine: 2 ** 21 },
    code: 'LINE_TOO_LONG',
    message: /text-0\.txt line 2 is longer than 2097152 bytes; .*break the text into lines/,
  },
  {
    name: 'a document without end',
    text: `cat\n\n${'the cat\n'.repeat(100)}`,
    settings: { longestDocument: 70 },
    code: 'DOCUMENT_TOO_LONG',
    message: /the document from line 3 to 13 of .*text-0\.txt passes 70 characters/,
  },
  {
    name: 'an unknown language',
    text: 'cat',
    settings: { language: 'xx' as 'en' },
    code: 'OPTION_INVALID',
    message: /no language xx; choose one of en, zh/,
  },
  {
    name: 'a share over 1',
    text: 'cat',
    settings: { heldOut: 5 },
    code: 'OPTION_INVALID',
    message: /held-out share is 5; it must be/,
  },
  {
    name: 'no vocabulary',
    text: 'cat',
    settings: { vocabulary: '/nowhere/vocab.txt' },
    code: 'FILE_UNREADABLE',
    message: /cannot read the vocabulary \/nowhere\/vocab\.txt/,
  },
]
for (const { name, text, settings, code, message } of refused) {
  test(`refused, and nothing left: ${name}`, async (t) => {
    const { work, run } = prepareTexts(directory(), [text], settings)
    const before = readdirSync(work)
    await t.throwsAsync(run, { instanceOf: EverlearnError, code, message })
    t.deepEqual(readdirSync(work), before)
  })
}

test('refused, and nothing left: a vocabulary without [MASK]', async (t) => {
  const { work, inputs, out } = prepareTexts(directory(), ['cat'])
  const vocabulary = join(work, 'no-mask.txt')
  writeFileSync(vocabulary, '[PAD]\n[UNK]\n[CLS]\n[SEP]\ncat\n')
  const before = readdirSync(work)
  await t.throwsAsync(() => prepare({ inputs, vocabulary, out, language: 'en', lowerCase: true }), {
    code: 'VOCABULARY_INVALID',
    message: /no-mask\.txt \(5 pieces\) lacks \[MASK\]/,
  })
  t.deepEqual(readdirSync(work), before)
})

test('refused: inputs that are no files', async (t) => {
  const { work, out } = prepareTexts(directory(), [])
  const settings = {
    vocabulary: 'examples/quickstart/data/vocab.txt.gz',
    out,
    language: 'en',
    lowerCase: true,
  } as const
  const missing = join(work, 'nowhere.txt')
  await t.throwsAsync(() => prepare({ ...settings, inputs: [missing] }), {
    message: /nowhere\.txt does not exist/,
  })
  await t.throwsAsync(() => prepare({ ...settings, inputs: [work] }), {
    message: /is a directory; name its files/,
  })
  await t.throwsAsync(() => prepare({ ...settings, inputs: [] }), { message: /no input was given/ })
})

test('an out directory that exists is refused, or replaced by force if it is a corpus', async (t) => {
  const { work, inputs, out, run } = prepareTexts(directory(), [twoDocuments])
  await run()
  await t.throwsAsync(run, {
    code: 'OUT_EXISTS',
    message: /corpus exists; choose another name, or .* --force/,
  })
  t.is(openCorpus(out).documentCount, 2)
  const again = {
    inputs,
    vocabulary: join(work, 'small-vocab.txt'),
    language: 'en',
    lowerCase: true,
    force: true,
  } as const
  writeFileSync(inputs[0], 'cat')
  await prepare({ ...again, out })
  t.is(openCorpus(out).documentCount, 1)
  writeFileSync(inputs[0], '')
  await t.throwsAsync(() => prepare({ ...again, out }), { code: 'CORPUS_EMPTY' })
  t.is(openCorpus(out).documentCount, 1)
  const other = join(work, 'precious')
  mkdirSync(other)
  writeFileSync(join(other, 'thesis.txt'), 'years of work')
  writeFileSync(inputs[0], 'cat')
  await t.throwsAsync(() => prepare({ ...again, out: other }), { message: /was not made by this command/ })
  await t.throwsAsync(() => prepare({ ...again, out: inputs[0] }), {
    message: /was not made by this command/,
  })
  t.true(existsSync(join(other, 'thesis.txt')))
  t.deepEqual(readdirSync(work).sort(), ['corpus', 'precious', 'small-vocab.txt', 'text-0.txt'])
})

test('directories above are made, and removed again on failure', async (t) => {
  const { work, inputs } = prepareTexts(directory(), ['cat'])
  const settings = {
    inputs,
    vocabulary: join(work, 'small-vocab.txt'),
    language: 'en',
    lowerCase: true,
  } as const
  await prepare({ ...settings, out: join(work, 'a/b/corpus') })
  t.is(openCorpus(join(work, 'a/b/corpus')).documentCount, 1)
  writeFileSync(inputs[0], '')
  await t.throwsAsync(() => prepare({ ...settings, out: join(work, 'a/c/d/corpus') }))
  t.deepEqual(readdirSync(join(work, 'a')), ['b'])
})

test('a place that cannot be written', async (t) => {
  const { run } = prepareTexts(directory(), ['cat'], { out: '/dev/null/corpus' })
  await t.throwsAsync(run, {
    instanceOf: EverlearnError,
    code: 'OUT_UNWRITABLE',
    message: /cannot write \/dev\/null/,
  })
})

test('stopped by a signal, nothing is left', async (t) => {
  const stop = new AbortController()
  const { work, run } = prepareTexts(directory(), [twoDocuments.repeat(50_000)], {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  })
  const before = readdirSync(work)
  await t.throwsAsync(run, { any: true, name: 'AbortError' })
  t.deepEqual(readdirSync(work), before)
})
