import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import test from 'ava'
import { type Corpus, openCorpus, TokenFlag } from '../../lib/data/corpus.ts'
import { type PrepareOptions, prepare } from '../../lib/data/prepare.ts'
import { EverlearnError } from '../../lib/error.ts'
import { createVocabulary, readVocabulary, vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { smallVocabulary } from '../helpers/corpus.ts'
import { scratch } from '../helpers/directory.ts'
import { createReferenceTokenizer } from '../helpers/reference-tokenizer.ts'

const directory = scratch(test)
const englishVocabulary = 'examples/quickstart/data/vocab.txt.gz'

type Settings = Partial<Omit<PrepareOptions, 'inputs'>>

/** Prepares texts, each in a file of its own, in a directory of its own. */
function prepareTexts(texts: (string | Buffer)[], settings: Settings = {}, names: string[] = []) {
  const work = directory()
  const inputs = texts.map((text, index) => {
    const path = join(work, names[index] ?? `text-${index}.txt`)
    writeFileSync(path, text)
    return path
  })
  const vocabulary = join(work, 'small-vocab.txt')
  writeFileSync(vocabulary, vocabularyText(smallVocabulary(['the', 'cat', 'sat', 'dog'])))
  const out = join(work, 'corpus')
  const report = () => prepare({ inputs, vocabulary, out, language: 'en', lowerCase: true, ...settings })
  return { work, inputs, out, run: report }
}

/** A corpus as nested lists: documents, paragraphs, sentences, words, with capitals restored at word starts. */
function contents(corpus: Corpus): string[][][] {
  return Array.from({ length: corpus.documentCount }, (_, index) => {
    const { tokens, flags, sentences, paragraphs } = corpus.document(index)
    const text = (start: number, end: number) => {
      let words = ''
      for (let token = start; token < end; token++) {
        const piece = corpus.vocabulary.tokens[tokens[token]].replace(/^##/, '')
        const begins = (flags[token] & TokenFlag.wordStart) !== 0
        const capital = begins && (flags[token] & TokenFlag.capital) !== 0
        words += (begins && token > start ? ' ' : '') + (capital ? piece.toUpperCase() : piece)
      }
      return words
    }
    return Array.from({ length: paragraphs.length - 1 }, (_, paragraph) =>
      Array.from({ length: paragraphs[paragraph + 1] - paragraphs[paragraph] }, (_, number) => {
        const sentence = paragraphs[paragraph] + number
        return text(sentences[sentence], sentences[sentence + 1])
      }),
    )
  })
}

const twoDocuments = 'the cat sat. A dog sat.\nDog!\n\n\n \nthe é Cat\u0301 [MASK]\n'
const twoDocumentsContents = [[['the cat sat .', 'A dog sat .'], ['DOG !']], [['the e CAT [ Mask ]']]]

test('a small text keeps its documents, paragraphs, sentences, words and capitals', async (t) => {
  const { out, run } = prepareTexts([twoDocuments])
  const report = await run()
  const corpus = openCorpus(out, { verify: true })
  t.deepEqual(contents(corpus), twoDocumentsContents)
  const counts = {
    documents: 2,
    paragraphs: 3,
    sentences: 4,
    phrases: 0,
    entities: 0,
    words: 16,
    tokens: 19,
    unknown: 0,
  }
  t.deepEqual(corpus.manifest.counts, counts)
  t.deepEqual(report.counts, counts)
  t.deepEqual(report.corpora, [{ directory: out, counts }])
  t.is(report.unknownShare, 0)
  t.is(report.bytes, Buffer.byteLength(twoDocuments))
  t.is(corpus.tokenCount, 19)
  t.deepEqual(readdirSync(join(out, '..')).sort(), ['corpus', 'small-vocab.txt', 'text-0.txt'])
})

test('gzip, Windows line ends, a byte order mark and no last line end change nothing', async (t) => {
  const forms = [
    twoDocuments,
    gzipSync(twoDocuments),
    Buffer.concat([gzipSync(twoDocuments.slice(0, 20)), gzipSync(twoDocuments.slice(20))]),
    twoDocuments.replaceAll('\n', '\r\n'),
    `\ufeff${twoDocuments}`,
    twoDocuments.trimEnd(),
  ]
  const hashes = new Set<string>()
  for (const form of forms) {
    const { out, run } = prepareTexts([form])
    await run()
    hashes.add(openCorpus(out).manifest.sha256)
  }
  t.is(hashes.size, 1)
})

test('a file ends a document, and pieces are read as one corpus', async (t) => {
  const { out, run } = prepareTexts([twoDocuments, 'cat', 'dog sat\n\nthe dog', twoDocuments], {
    tokensPerPiece: 4,
  })
  await run()
  const corpus = openCorpus(out, { verify: true })
  t.is(corpus.manifest.pieces.length, 5)
  const expected = [...twoDocumentsContents, [['cat']], [['dog sat']], [['the dog']], ...twoDocumentsContents]
  t.deepEqual(contents(corpus), expected)
  let start = 0
  for (let index = 0; index < corpus.documentCount; index++) {
    t.is(corpus.documentStart(index), start)
    const { length } = corpus.document(index).tokens
    for (let token = start; token < start + length; token++) t.is(corpus.documentAt(token), index)
    start += length
  }
  t.is(corpus.documentStart(corpus.documentCount), start)
  t.is(corpus.tokenCount, start)
  t.throws(() => corpus.document(7), { instanceOf: RangeError })
  t.throws(() => corpus.documentAt(start), { instanceOf: RangeError })
  t.throws(() => corpus.documentStart(-1), { instanceOf: RangeError })
})

test('the shipped sample: every document has the tokens of HuggingFace’s tokenizer', async (t) => {
  const inputs = ['encyclopedia', 'books', 'dialogues'].map(
    (name) => `examples/quickstart/data/${name}.txt.gz`,
  )
  const out = join(directory(), 'corpus')
  const progress: number[] = []
  const report = await prepare({
    inputs,
    vocabulary: englishVocabulary,
    out,
    language: 'en',
    lowerCase: true,
    onProgress: ({ bytesRead, bytesTotal }) => progress.push(bytesRead / (bytesTotal as number)),
  })
  t.is(progress.at(-1), 1)
  t.true(report.unknownShare < 0.001)
  const corpus = openCorpus(out, { verify: true, vocabulary: readVocabulary(englishVocabulary) })
  t.true(corpus.document(0).tokens instanceof Uint16Array)
  const documents = inputs.flatMap((path) => gunzipSync(readFileSync(path)).toString().trim().split('\n\n'))
  t.is(corpus.documentCount, documents.length)
  const reference = await createReferenceTokenizer(corpus.vocabulary, { lowerCase: true })(documents)
  for (const [index, ids] of reference.entries()) {
    const { tokens, sentences, paragraphs } = corpus.document(index)
    t.is(
      Buffer.compare(Buffer.from(Uint32Array.from(tokens).buffer), Buffer.from(Uint32Array.from(ids).buffer)),
      0,
    )
    t.is(sentences[0], 0)
    t.is(sentences.at(-1), tokens.length)
    t.is(paragraphs.length - 1, documents[index].split('\n').length)
    t.is(paragraphs.at(-1), sentences.length - 1)
  }
})

test('Chinese text', async (t) => {
  const out = join(directory(), 'corpus')
  const input = join(directory(), 'text.txt')
  writeFileSync(input, '今天下雨。我们没有出去！\n“好吗？”他问。\n')
  const vocabulary = 'test/fixtures/tokenizer/ernie-vocab_zh.txt.gz'
  await prepare({ inputs: [input], vocabulary, out, language: 'zh', lowerCase: true })
  const corpus = openCorpus(out, { vocabulary: readVocabulary(vocabulary) })
  t.deepEqual(contents(corpus), [
    [
      ['今 天 下 雨 。', '我 们 没 有 出 去 ！'],
      ['“ 好 吗 ？ ”', '他 问 。'],
    ],
  ])
})

test('a vocabulary of more than 65,536 pieces has ids of four bytes', async (t) => {
  const many = Array.from({ length: 70_000 }, (_, index) => `w${index}`)
  const vocabulary = createVocabulary([...smallVocabulary().tokens, ...many])
  const path = join(directory(), 'large-vocab.txt')
  writeFileSync(path, vocabularyText(vocabulary))
  const { out, run } = prepareTexts(['w3 w69999 cat'], { vocabulary: path })
  await run()
  const corpus = openCorpus(out, { verify: true })
  t.true(corpus.document(0).tokens instanceof Uint32Array)
  t.deepEqual(contents(corpus), [[['w3 w69999 cat']]])
})

test('lines over the blocks that are read, with characters of several bytes at their ends', async (t) => {
  const longLine = 'the cät “sat” 中. '.repeat(150_000)
  const texts = [`dog\n${longLine}\ndog`, `${'é'.repeat(3)}\n\n`.repeat(200_000)]
  const { out, run } = prepareTexts(texts)
  const report = await run()
  t.is(
    report.bytes,
    texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  )
  t.is(report.counts.documents, 200_001)
  t.is(report.counts.sentences, 3 + 200_000)
  t.is(report.counts.unknown, 150_000 * 3)
  t.deepEqual(contents({ ...openCorpus(out), documentCount: 1 })[0][2], ['dog'])
})

test('the held-out documents depend on their text only', async (t) => {
  const documents = Array.from({ length: 400 }, (_, index) => `the cat ${index}.\nA dog.`)
  const heldOut = 0.25
  const texts = (corpus: Corpus) => contents(corpus).map(String)
  const held: string[][] = []
  for (const order of [documents, documents.toReversed()]) {
    const { out, run } = prepareTexts([order.join('\n\n')], { heldOut })
    const report = await run()
    t.deepEqual(readdirSync(out).sort(), ['held-out', 'train'])
    const [train, test] = [openCorpus(join(out, 'train')), openCorpus(join(out, 'held-out'))]
    t.deepEqual(
      report.corpora.map(({ counts }) => counts),
      [train.manifest.counts, test.manifest.counts],
    )
    t.is(train.documentCount + test.documentCount, 400)
    t.deepEqual(new Set([...texts(train), ...texts(test)]).size, 400)
    held.push(texts(test).sort())
  }
  t.deepEqual(held[0], held[1])
  const expected = documents.filter(
    (text) => createHash('sha256').update(`${text}\n`).digest().readUInt32BE(0) < heldOut * 2 ** 32,
  )
  t.is(held[0].length, expected.length)
  t.true(Math.abs(expected.length - 100) < 30)
})

test('the same text gives the same bytes', async (t) => {
  const manifests: string[] = []
  for (let run = 0; run < 2; run++) {
    const prepared = prepareTexts([twoDocuments])
    await prepared.run()
    manifests.push(readFileSync(join(prepared.out, 'manifest.json'), 'utf8'))
  }
  t.is(manifests[0], manifests[1])
})

const refused: { name: string; text: string | Buffer; settings?: Settings; code: string; message: RegExp }[] =
  [
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
    const { work, run } = prepareTexts([text], settings)
    const before = readdirSync(work)
    await t.throwsAsync(run, { instanceOf: EverlearnError, code, message })
    t.deepEqual(readdirSync(work), before)
  })
}

test('refused, and nothing left: a vocabulary without [MASK]', async (t) => {
  const { work, inputs, out } = prepareTexts(['cat'])
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
  const { work, out } = prepareTexts([])
  const settings = { vocabulary: englishVocabulary, out, language: 'en', lowerCase: true } as const
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
  const { work, inputs, out, run } = prepareTexts([twoDocuments])
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
  const { work, inputs } = prepareTexts(['cat'])
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
  const { run } = prepareTexts(['cat'], { out: '/dev/null/corpus' })
  await t.throwsAsync(run, {
    instanceOf: EverlearnError,
    code: 'OUT_UNWRITABLE',
    message: /cannot write \/dev\/null/,
  })
})

test('stopped by a signal, nothing is left', async (t) => {
  const stop = new AbortController()
  const { work, run } = prepareTexts([twoDocuments.repeat(50_000)], {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  })
  const before = readdirSync(work)
  await t.throwsAsync(run, { any: true, name: 'AbortError' })
  t.deepEqual(readdirSync(work), before)
})
