import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { type Corpus, openCorpus } from '../../lib/data/corpus.ts'
import { joinPieces } from '../../lib/data/join-pieces.ts'
import { type PrepareOptions, prepare } from '../../lib/data/prepare.ts'
import { partsOf, preparePiece } from '../../lib/data/prepare-piece.ts'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { smallVocabulary } from '../helpers/corpus.ts'
import { scratch } from '../helpers/directory.ts'
import { filesBelow, tinyText } from '../helpers/tiny-run.ts'
import { parquetFile } from '../helpers/write-parquet.ts'

const directory = scratch(test)

function workOf(files: Record<string, string | Buffer>) {
  const work = directory()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(work, name), content)
  const vocabulary = join(work, 'vocab.txt')
  writeFileSync(vocabulary, vocabularyText(smallVocabulary()))
  const options = (changes: Partial<PrepareOptions> = {}): PrepareOptions => ({
    inputs: Object.keys(files).map((name) => join(work, name)),
    vocabulary,
    out: join(work, 'pieces'),
    language: 'en',
    lowerCase: true,
    ...changes,
  })
  return { work, options, out: join(work, 'pieces') }
}

const texts = (seed: number, count: number) => tinyText(count, seed).split('\n\n')
const mixed = {
  'a.txt': texts(1, 40).join('\n\n'),
  'b.jsonl': texts(2, 30)
    .map((text) => JSON.stringify({ text }))
    .join('\n'),
  'c.parquet': parquetFile([{ name: 'text', values: texts(3, 20) }], { rowsPerGroup: 3 }),
  'd.txt.gz': gzipSync(texts(4, 10).join('\n\n')),
}

const documentsOf = (corpus: Corpus) =>
  Array.from({ length: corpus.documentCount }, (_, index) => corpus.document(index))

for (const of of [1, 5, 13]) {
  test(`${of} pieces made in any order hold what one corpus holds, with sources and held-out share`, async (t) => {
    const { work, options, out } = workOf(mixed)
    const heldOut = 0.2
    const whole = join(work, 'whole')
    await prepare(options({ out: whole, heldOut }))
    const order = Array.from({ length: of }, (_, index) => 1 + ((7 * index) % of))
    for (const number of order) {
      t.throws(() => joinPieces(out), { code: 'PIECES_MISSING' })
      t.throws(() => openCorpus(join(out, 'train')), { code: 'CORPUS_MISSING' })
      await preparePiece(options({ heldOut }), { number, of })
    }
    const before = filesBelow(out)
    const joined = joinPieces(out)
    t.deepEqual(
      joined.map(({ directory }) => directory),
      [join(out, 'train'), join(out, 'held-out')],
    )
    for (const [index, name] of ['train', 'held-out'].entries()) {
      const [a, b] = [whole, out].map((folder) => openCorpus(join(folder, name), { verify: true }))
      t.deepEqual(documentsOf(b), documentsOf(a))
      t.deepEqual(b.manifest.counts, a.manifest.counts)
      t.deepEqual(joined[index].counts, a.manifest.counts)
      t.true(a.documentCount > 5)
    }
    const after = filesBelow(out)
    for (const [name, bytes] of Object.entries(before)) {
      if (/^piece-.*json$/.test(name)) t.false(name in after)
      else t.true(bytes.equals(after[name]), name)
    }
    t.deepEqual(joinPieces(out), joined)
    t.deepEqual(filesBelow(out), after)
    await t.throwsAsync(preparePiece(options({ heldOut }), { number: 1, of }), { code: 'OUT_EXISTS' })
  })
}

test('a piece made again has the same bytes', async (t) => {
  const { options, out } = workOf(mixed)
  const made: Record<string, Buffer>[] = []
  for (let turn = 0; turn < 2; turn++) {
    await preparePiece(options(), { number: 2, of: 3 })
    made.push(filesBelow(out))
  }
  t.deepEqual(made[1], made[0])
  t.deepEqual(
    readdirSync(out).filter((name) => name.startsWith('.')),
    [],
  )
})

test('every byte of every input is in one piece', (t) => {
  const input = (path: string, size: number, packed = false) =>
    ({ path, title: path, format: 'text', size, packed }) as const
  const inputs = [
    input('a', 1000),
    input('b', 10, true),
    input('c', 0),
    input('d', 777),
    input('e', 500, true),
  ]
  for (const of of [1, 2, 3, 64]) {
    const parts = Array.from({ length: of }, (_, index) => partsOf(inputs, { number: index + 1, of })).flat()
    for (const each of inputs) {
      const own = parts.filter((part) => part.input === each && part.end > part.start)
      let end = 0
      for (const part of own) {
        t.is(part.start, end)
        end = part.end
      }
      t.is(end, each.size)
    }
  }
})

for (const [name, textOf] of [
  ['text', (text: string) => `${text}\n\n`],
  ['jsonl', (text: string) => `${JSON.stringify({ text })}\n`],
] as const) {
  test(`pieces of one ${name} file that is gzip hold what the plain file holds`, async (t) => {
    const plain = texts(5, 500).map(textOf).join('')
    const { work, options, out } = workOf({ 'a.gz': gzipSync(plain) })
    const whole = join(work, 'whole')
    writeFileSync(join(work, 'a'), plain)
    const common = { format: name, source: 'a' } as const
    await prepare(options({ ...common, inputs: [join(work, 'a')], out: whole }))
    const counts: number[] = []
    for (let number = 1; number <= 5; number++) {
      counts.push((await preparePiece(options(common), { number, of: 5 })).counts.documents)
    }
    t.true(
      counts.every((count) => count > 50 && count < 150),
      `${counts}`,
    )
    joinPieces(out)
    t.deepEqual(documentsOf(openCorpus(out)), documentsOf(openCorpus(whole)))
  })
}

test('damaged gzip is told by every piece that reads so far', async (t) => {
  const packed = gzipSync(texts(6, 300).join('\n\n'))
  const { options, out } = workOf({ 'a.txt.gz': packed.subarray(0, -6) })
  await preparePiece(options(), { number: 1, of: 3 })
  await t.throwsAsync(preparePiece(options(), { number: 3, of: 3 }), {
    code: 'FILE_UNREADABLE',
    message: /a\.txt\.gz: unexpected end of file; the gzip file is damaged/,
  })
  t.throws(() => joinPieces(out), { code: 'PIECES_MISSING' })
})

test('pieces of other settings, inputs or numbers are not joined', async (t) => {
  const cases: [Partial<PrepareOptions>, number, RegExp][] = [
    [{ lowerCase: false }, 2, /piece 2 was made with another lowerCase than piece 1 \(false, not true\)/],
    [{ heldOut: 0.5 }, 2, /another held-out than piece 1/],
    [{ source: 'x' }, 2, /another source than piece 1 \(x, not \(files\)\)/],
    [{}, 3, /another number of pieces than piece 1 \(3, not 2\)/],
  ]
  for (const [changes, of, message] of cases) {
    const { options, out } = workOf(mixed)
    await preparePiece(options(), { number: 1, of: 2 })
    await preparePiece(options(changes), { number: 2, of })
    t.throws(() => joinPieces(out), { code: 'PIECES_DIFFER', message })
    await preparePiece(options(), { number: 2, of: 2 })
    if (of === 2 && changes.heldOut === undefined) t.is(joinPieces(out)[0].counts.documents, 100)
  }
  const { work, options, out } = workOf(mixed)
  await preparePiece(options(), { number: 1, of: 2 })
  writeFileSync(join(work, 'a.txt'), 'another text')
  await preparePiece(options(), { number: 2, of: 2 })
  t.throws(() => joinPieces(out), { code: 'PIECES_DIFFER', message: /another inputs than/ })
})

test('a damaged piece is named, and can be made again', async (t) => {
  const { options, out } = workOf(mixed)
  for (const number of [1, 2]) await preparePiece(options(), { number, of: 2 })
  const tokens = join(out, 'piece-00002-00000/tokens.u16')
  truncateSync(tokens, 100)
  t.throws(() => joinPieces(out), {
    code: 'PIECE_CORRUPT',
    message: /piece-00002-00000\/tokens\.u16 has 100 bytes where \d+ were written; make the piece again/,
  })
  rmSync(tokens)
  t.throws(() => joinPieces(out), { code: 'PIECE_CORRUPT', message: /tokens\.u16 is missing/ })
  await preparePiece(options(), { number: 2, of: 2 })
  const file = join(out, 'piece-00001-of-00002.json')
  writeFileSync(file, '{"format":"everlearn-piece"}')
  t.throws(() => joinPieces(out), {
    code: 'PIECE_CORRUPT',
    message: /piece-00001-of-00002\.json was altered/,
  })
  await preparePiece(options(), { number: 1, of: 2 })
  t.is(joinPieces(out)[0].counts.documents, 100)
  openCorpus(out, { verify: true })
})

test('what cannot be done in pieces is refused, and nothing is left', async (t) => {
  const { work, options, out } = workOf({ 'a.txt': 'text', 'other.txt': 'text' })
  const cases: [Partial<PrepareOptions>, number, number, string, RegExp][] = [
    [{}, 0, 4, 'OPTION_INVALID', /no piece 0\/4/],
    [{}, 5, 4, 'OPTION_INVALID', /no piece 5\/4/],
    [{ inputs: ['-'] }, 1, 4, 'OPTION_INVALID', /standard input cannot/],
    [{ spans: 'x' }, 1, 4, 'OPTION_INVALID', /spans go with one input/],
    [{ force: true }, 1, 4, 'OPTION_INVALID', /leave --force out/],
    [{ inputs: [join(work, 'none.txt')] }, 1, 4, 'INPUT_MISSING', /does not exist/],
    [{ out: work }, 1, 4, 'OUT_EXISTS', /holds .*, which is no piece/],
    [{ out: join(work, 'a.txt') }, 1, 4, 'OUT_EXISTS', /is no directory/],
    [{ longestLine: 2 }, 1, 1, 'LINE_TOO_LONG', /line 1 is longer/],
  ]
  const before = filesBelow(work)
  for (const [changes, number, of, code, message] of cases) {
    await t.throwsAsync(preparePiece(options(changes), { number, of }), { code, message })
    t.deepEqual(filesBelow(work), before)
    t.false(readdirSync(work).includes('pieces'))
  }
  t.throws(() => joinPieces(out), { code: 'PIECES_MISSING', message: /does not exist/ })
  t.throws(() => joinPieces(work), { code: 'PIECES_MISSING', message: /holds no piece/ })
})

test('pieces without a document are no corpus', async (t) => {
  const { options, out } = workOf({ 'a.txt': '\n\n\n' })
  for (const number of [1, 2]) await preparePiece(options(), { number, of: 2 })
  t.throws(() => joinPieces(out), { code: 'CORPUS_EMPTY' })
})
