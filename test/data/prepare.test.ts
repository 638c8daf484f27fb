import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import test from 'ava'
import { type Corpus, openCorpus, TokenFlag } from '../../lib/data/corpus.ts'
import { prepare } from '../../lib/data/prepare.ts'
import { createVocabulary, readVocabulary, vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { smallVocabulary } from '../helpers/corpus.ts'
import { scratch } from '../helpers/directory.ts'
import { prepareTexts, twoDocuments } from '../helpers/prepare-texts.ts'
import { createReferenceTokenizer } from '../helpers/reference-tokenizer.ts'

const directory = scratch(test)
const englishVocabulary = 'examples/quickstart/data/vocab.txt.gz'

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

const twoDocumentsContents = [[['the cat sat .', 'A dog sat .'], ['DOG !']], [['the e CAT [ Mask ]']]]

test('a small text keeps its documents, paragraphs, sentences, words and capitals', async (t) => {
  const { out, run } = prepareTexts(directory(), [twoDocuments])
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
    const { out, run } = prepareTexts(directory(), [form])
    await run()
    hashes.add(openCorpus(out).manifest.sha256)
  }
  t.is(hashes.size, 1)
})

test('a file ends a document, and pieces are read as one corpus', async (t) => {
  const { out, run } = prepareTexts(directory(), [twoDocuments, 'cat', 'dog sat\n\nthe dog', twoDocuments], {
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
  const { out, run } = prepareTexts(directory(), ['w3 w69999 cat'], { vocabulary: path })
  await run()
  const corpus = openCorpus(out, { verify: true })
  t.true(corpus.document(0).tokens instanceof Uint32Array)
  t.deepEqual(contents(corpus), [[['w3 w69999 cat']]])
})

test('lines over the blocks that are read, with characters of several bytes at their ends', async (t) => {
  const longLine = 'the cät “sat” 中. '.repeat(150_000)
  const texts = [`dog\n${longLine}\ndog`, `${'é'.repeat(3)}\n\n`.repeat(200_000)]
  const { out, run } = prepareTexts(directory(), texts)
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
    const { out, run } = prepareTexts(directory(), [order.join('\n\n')], { heldOut })
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
    const prepared = prepareTexts(directory(), [twoDocuments])
    await prepared.run()
    manifests.push(readFileSync(join(prepared.out, 'manifest.json'), 'utf8'))
  }
  t.is(manifests[0], manifests[1])
})
