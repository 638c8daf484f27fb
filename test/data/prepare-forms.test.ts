import { createHash } from 'node:crypto'
import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { type Corpus, openCorpus } from '../../lib/data/corpus.ts'
import { chunksOf, wholeInput } from '../../lib/data/inputs/chunks.ts'
import { findInputs } from '../../lib/data/inputs/find-inputs.ts'
import { defaultReading } from '../../lib/data/inputs/input.ts'
import { type PrepareOptions, prepare } from '../../lib/data/prepare.ts'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { smallVocabulary } from '../helpers/corpus.ts'
import { scratch } from '../helpers/directory.ts'
import { filesBelow } from '../helpers/tiny-run.ts'
import { parquetFile } from '../helpers/write-parquet.ts'

const directory = scratch(test)
const words = ['the', 'cat', 'sat', 'dog', 'on', 'mat']

/** Files in a directory of their own, and `prepare` of some of them. */
function workOf(files: Record<string, string | Buffer>) {
  const work = directory()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(work, name), content)
  const vocabulary = join(work, 'vocab.txt')
  writeFileSync(vocabulary, vocabularyText(smallVocabulary(words)))
  const out = join(work, 'corpus')
  const run = (inputs: string[], options: Partial<PrepareOptions> = {}) =>
    prepare({
      inputs: inputs.map((name) => join(work, name)),
      vocabulary,
      out,
      language: 'en',
      lowerCase: true,
      ...options,
    })
  return { work, out, run }
}

/** Tokens of a document's sentences, as lists of paragraphs. */
function sentencesOf(corpus: Corpus, index: number): string[][] {
  const { tokens, sentences, paragraphs } = corpus.document(index)
  const text = (sentence: number) =>
    Array.from(
      tokens.subarray(sentences[sentence], sentences[sentence + 1]),
      (id) => corpus.vocabulary.tokens[id],
    ).join(' ')
  return Array.from(paragraphs.slice(0, -1), (first, paragraph) =>
    Array.from({ length: paragraphs[paragraph + 1] - first }, (_, number) => text(first + number)),
  )
}

const documentsOf = (corpus: Corpus) =>
  Array.from({ length: corpus.documentCount }, (_, index) => sentencesOf(corpus, index))

test('text, JSON Lines and Parquet of the same documents make the same documents', async (t) => {
  const texts = ['the cat sat.\nThe dog sat. On the mat!', 'the mat', 'dog\n\ncat']
  const files = {
    'a.txt': texts.join('\n\n').replace('dog\n\ncat', 'dog\ncat'),
    'a.jsonl.gz': gzipSync(texts.map((text) => JSON.stringify({ text })).join('\n')),
    'a.parquet': parquetFile([{ name: 'text', values: texts }], { rowsPerGroup: 2 }),
  }
  for (const name of Object.keys(files)) {
    const { out, run } = workOf(files)
    const { counts, bytes } = await run([name])
    t.is(counts.documents, 3)
    t.true(bytes > 50)
    const corpus = openCorpus(out, { verify: true })
    t.deepEqual(documentsOf(corpus), [
      [['the cat sat .'], ['the dog sat .', 'on the mat !']],
      [['the mat']],
      [['dog'], ['cat']],
    ])
    t.is(corpus.document(1).source, name)
    t.is(corpus.kind, 'text')
  }
})

const tsv = [
  'id\tquery\ttitle\tclick',
  '1\tthe cat\tthe cat sat. On the mat!\t0',
  '2\tthe cat\tdog\t1',
  '3\tdog\tthe dog sat\t0',
].join('\n')
const columns = { first: 'query', second: 'title', label: 'click', labels: { 0: 'clicked', 1: 'shown' } }

test('pairs are documents of two paragraphs with a label', async (t) => {
  const { out, run } = workOf({ 'a.tsv': tsv, 'b.tsv': tsv.replaceAll('\t0', '\t1') })
  await run(['a.tsv', 'b.tsv'], { pairs: columns, source: 'search' })
  const corpus = openCorpus(out, { verify: true })
  t.is(corpus.kind, 'pairs')
  t.deepEqual(corpus.labels, ['clicked', 'shown'])
  t.deepEqual(documentsOf(corpus).slice(0, 3), [
    [['the cat'], ['the cat sat .', 'on the mat !']],
    [['the cat'], ['dog']],
    [['dog'], ['the dog sat']],
  ])
  t.deepEqual(
    Array.from({ length: 6 }, (_, index) => corpus.document(index).label),
    [0, 1, 0, 1, 1, 1],
  )
  t.is(corpus.document(5).source, 'search')
})

test('pairs without a label have none', async (t) => {
  const { out, run } = workOf({ 'a.tsv': tsv })
  await run(['a.tsv'], { pairs: { first: 'query', second: 'title' } })
  const corpus = openCorpus(out)
  t.deepEqual(corpus.labels, [])
  t.is(corpus.document(0).label, -1)
})

test('pairs with the same first text are held out together', async (t) => {
  const queries = Array.from({ length: 60 }, (_, index) => `cat ${index}`)
  const rows = [0, 1, 2].flatMap((turn) => queries.map((query) => `${query}\tdog ${turn}`))
  const { out, run } = workOf({ 'a.tsv': ['first\tsecond', ...rows].join('\n') })
  await run(['a.tsv'], { pairs: { first: 'first', second: 'second' }, heldOut: 0.3 })
  const held = openCorpus(join(out, 'held-out'))
  const expected = queries.filter(
    (query) => createHash('sha256').update(`${query}\n`).digest().readUInt32BE(0) / 2 ** 32 < 0.3,
  )
  t.true(expected.length > 5)
  t.deepEqual(
    documentsOf(held).map(([[first]]) => first),
    [0, 1, 2].flatMap(() => expected.map((query) => query.replace(/ (\d)(\d)$/, ' $1 ##$2'))),
  )
  t.is(openCorpus(join(out, 'train')).documentCount, 180 - held.documentCount)
})

test('a pair whose text has no token is bad', async (t) => {
  const files = { 'a.tsv': 'first\tsecond\ncat\tdog\ncat\t\u200b\ndog\tcat' }
  const pairs = { first: 'first', second: 'second' }
  const { out, run } = workOf(files)
  await t.throwsAsync(run(['a.tsv'], { pairs }), {
    code: 'ROW_INVALID',
    message: /a\.tsv line 3 has a text without any token/,
  })
  const { counts, bad } = await run(['a.tsv'], { pairs, skipBadLines: true })
  t.is(counts.documents, 2)
  t.is(bad.count, 1)
  t.regex(bad.first as string, /line 3/)
  t.is(openCorpus(out).documentCount, 2)
})

test('bad rows are refused, or left out and counted', async (t) => {
  const { work, out, run } = workOf({ 'a.jsonl': '{"text":"cat"}\n{"text"}\n{"text":"dog"}\n[]\n' })
  await t.throwsAsync(run(['a.jsonl']), {
    code: 'ROW_INVALID',
    message: /a\.jsonl line 2 is not a JSON object/,
  })
  t.false(existsSync(out))
  t.deepEqual(readdirSync(work).sort(), ['a.jsonl', 'vocab.txt'])
  const { bad, counts } = await run(['a.jsonl'], { skipBadLines: true })
  t.is(bad.count, 2)
  t.regex(bad.first as string, /a\.jsonl line 2 is not a JSON object/)
  t.is(counts.documents, 2)
})

/** Text of 1 MB and more whose documents differ, with rows that cannot be used. */
const manyObjects = Array.from({ length: 4000 }, (_, index) =>
  index % 1000 === 17
    ? '{'
    : JSON.stringify({ text: `The cat ${index} sat.\n${'On the mat. '.repeat(index % 50)}` }),
).join('\n')

test('any number of threads and any size of pieces hold the same documents; threads make the same bytes', async (t) => {
  const files = { 'a.jsonl': manyObjects, 'b.txt': 'the dog\n\nthe cat\n' }
  const made: Record<string, Buffer>[] = []
  for (const threads of [0, 1, 3]) {
    const { out, run } = workOf(files)
    const report = await run(['a.jsonl', 'b.txt'], {
      threads,
      heldOut: 0.2,
      skipBadLines: true,
      tokensPerPiece: 50_000,
    })
    t.is(report.counts.documents, 4000 - 4 + 2)
    t.is(report.bad.count, 4)
    made.push(filesBelow(out))
  }
  t.true(Object.keys(made[0]).filter((name) => name.startsWith('train/piece-')).length > 2 * 7)
  t.deepEqual(Object.keys(made[1]), Object.keys(made[0]))
  for (const other of made.slice(1)) {
    for (const [name, bytes] of Object.entries(other)) t.true(bytes.equals(made[0][name]), name)
  }
  const whole = workOf(files)
  await whole.run(['a.jsonl', 'b.txt'], { skipBadLines: true })
  const pieces = workOf(files)
  await pieces.run(['a.jsonl', 'b.txt'], { skipBadLines: true, tokensPerPiece: 20_000 })
  const [one, many] = [openCorpus(whole.out, { verify: true }), openCorpus(pieces.out, { verify: true })]
  t.is(one.manifest.pieces.length, 1)
  t.true(many.manifest.pieces.length > 10)
  t.deepEqual(many.manifest.counts, one.manifest.counts)
  for (let index = 0; index < one.documentCount; index += 37) {
    t.deepEqual(many.document(index), one.document(index))
  }
  t.deepEqual(many.document(one.documentCount - 1), one.document(one.documentCount - 1))
  // Every piece's counts are those of its documents.
  for (const piece of many.manifest.pieces) {
    t.is(piece.files.documents.bytes, 4 * 7 * (piece.counts.documents + 1))
    t.is(piece.files.tokens.bytes, 2 * piece.counts.tokens)
    t.is(piece.files.flags.bytes, piece.counts.tokens)
    t.is(piece.files.sentences.bytes, 4 * (piece.counts.sentences + piece.counts.documents))
    t.is(piece.files.paragraphs.bytes, 4 * (piece.counts.paragraphs + piece.counts.documents))
  }
})

test('an error in a thread is the same, and nothing is left', async (t) => {
  const { work, run } = workOf({ 'a.jsonl': manyObjects })
  const messages = new Set<string>()
  for (const threads of [0, 2]) {
    const error = await t.throwsAsync(run(['a.jsonl'], { threads }), { code: 'ROW_INVALID' })
    messages.add(error.message)
  }
  t.is(messages.size, 1)
  t.regex([...messages][0], /a\.jsonl line 18 is not a JSON object/)
  t.deepEqual(readdirSync(work).sort(), ['a.jsonl', 'vocab.txt'])
})

test('annotation: spans of the annotator, made in every thread', async (t) => {
  const annotator = new URL('../fixtures/annotators/quoted.ts', import.meta.url).href
  for (const threads of [0, 1]) {
    const { out, run } = workOf({ 'a.txt': 'the [cat sat] on. The {dog}.\n[mat]\n\nthe cat' })
    const { counts } = await run(['a.txt'], { annotate: true, annotator, threads })
    t.is(counts.phrases, 2)
    t.is(counts.entities, 1)
    const corpus = openCorpus(out, { verify: true })
    t.true(corpus.annotated)
    const { tokens, phrases, entities } = corpus.document(0)
    const texts = (spans: Uint32Array) =>
      Array.from({ length: spans.length / 2 }, (_, index) =>
        Array.from(
          tokens.subarray(spans[2 * index], spans[2 * index + 1]),
          (id) => corpus.vocabulary.tokens[id],
        ).join(' '),
      )
    t.deepEqual(texts(phrases), ['cat sat', 'mat'])
    t.deepEqual(texts(entities), ['dog'])
    t.deepEqual(corpus.document(1).phrases.length, 0)
    const broken = workOf({ 'a.txt': 'the cat' })
    await t.throwsAsync(broken.run(['a.txt'], { phrases: ['broken'], annotator, threads }), {
      message: 'the annotator is broken',
    })
    t.deepEqual(readdirSync(broken.work).sort(), ['a.txt', 'vocab.txt'])
  }
})

test('options that contradict each other are refused', async (t) => {
  const { work, run } = workOf({ 'a.txt': 'cat', 'b.txt': 'dog', 'a.tsv': tsv, spans: '' })
  const spans = join(work, 'spans')
  const cases: [string[], Partial<PrepareOptions>, RegExp][] = [
    [['a.txt'], { spans, annotate: true }, /choose one of the two/],
    [['a.txt', 'b.txt'], { spans }, /spans go with one input/],
    [['a.txt'], { spans, threads: 2 }, /leave --threads out/],
    [['a.txt'], { threads: 1.5 }, /1\.5 threads/],
    [['a.tsv'], { pairs: { ...columns, label: undefined } }, /no column holds them/],
  ]
  for (const [inputs, options, message] of cases) {
    await t.throwsAsync(run(inputs, options), { code: 'OPTION_INVALID', message })
  }
})

test('a line of a gigabyte is refused when its first 16 MiB are read, and nothing is left', async (t) => {
  const { work, run } = workOf({ 'long.txt': '' })
  const path = join(work, 'long.txt')
  truncateSync(path, 2 ** 30)
  let read = 0
  const chunks = chunksOf(wholeInput(findInputs([path])[0]), defaultReading, (bytes) => {
    read += bytes
  })
  await t.throwsAsync(() => chunks.next(), { code: 'LINE_TOO_LONG' })
  t.true(read > 2 ** 24 && read < 2 ** 24 + 2 ** 22)
  await t.throwsAsync(run(['long.txt']), { message: /long\.txt line 1 is longer than 16777216 bytes/ })
  t.deepEqual(readdirSync(work).sort(), ['long.txt', 'vocab.txt'])
})
