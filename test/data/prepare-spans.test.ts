import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { openCorpus } from '../../lib/data/corpus.ts'
import { joinPieces } from '../../lib/data/join-pieces.ts'
import { type PrepareOptions, prepare } from '../../lib/data/prepare.ts'
import { preparePiece } from '../../lib/data/prepare-piece.ts'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { smallVocabulary } from '../helpers/corpus.ts'
import { scratch } from '../helpers/directory.ts'

const directory = scratch(test)
const vocabulary = smallVocabulary(['the', 'big', 'cat', 'sat', 'new', 'york', 'is', 'far', 'in'])

/** Prepares a text with the spans of a file beside it. */
async function prepared(spans: string) {
  const work = directory()
  const file = (name: string, text: string) => {
    writeFileSync(join(work, name), text)
    return join(work, name)
  }
  const out = join(work, 'corpus')
  const report = prepare({
    inputs: [file('text.txt', 'The big cat sat.\n𝒳 sat.\n\nNew York is far. In New York.\n')],
    vocabulary: file('vocab.txt', vocabularyText(vocabulary)),
    spans: file('spans.tsv', spans),
    out,
    language: 'en',
    lowerCase: true,
  })
  return { out, report }
}

test('spans of a file beside the text lie at the tokens of their lines', async (t) => {
  const { out, report } = await prepared(
    '1\t4\t11\tphrase\n2\t2\t5\tentity\n4\t0\t8\tentity\n4\t20\t28\tentity\n',
  )
  await report
  const corpus = openCorpus(out)
  t.true(corpus.annotated)
  const [first, second] = [corpus.document(0), corpus.document(1)]
  const pieces = (document: typeof first, spans: Uint32Array) =>
    Array.from({ length: spans.length / 2 }, (_, index) =>
      [...document.tokens.subarray(spans[2 * index], spans[2 * index + 1])]
        .map((id) => vocabulary.tokens[id])
        .join(' '),
    )
  t.deepEqual(pieces(first, first.phrases), ['big cat'])
  t.deepEqual(pieces(first, first.entities), ['sat'])
  t.deepEqual(pieces(second, second.entities), ['new york', 'new york'])
  t.deepEqual([...second.entities], [0, 2, 6, 8])
})

test('spans that do not fit the text are refused, and nothing is left', async (t) => {
  for (const [spans, message] of [
    ['1\t4\t99\tphrase\n', /spans\.tsv line 1/],
    ['9\t0\t1\tphrase\n', /spans\.tsv line 1/],
    ['1\t4\t7\tnoun\n', /spans\.tsv line 1.*noun/],
  ] as const) {
    const { out, report } = await prepared(spans)
    await t.throwsAsync(report, { code: 'SPANS_INVALID', message })
    t.false(existsSync(out))
  }
})

/** A text of `count` documents with blank lines between, and a span file with the one name of each. */
function namedTexts(count: number, lastSpan = ''): { text: string; spans: string } {
  const lines: string[] = []
  const spans: string[] = []
  for (let index = 0; index < count; index++) {
    const words = ['the', 'cat', 'sat', 'far', 'is'].slice(0, 1 + (index % 5))
    spans.push(`${lines.length + 1}\t${words.join(' ').length + 1}\t${words.join(' ').length + 9}\tentity`)
    lines.push(`${words.join(' ')} New York ${index}.`, ...(index % 3 === 0 ? ['The end.'] : []), '')
    if (index % 4 === 0) lines.push('')
  }
  return { text: lines.join('\n'), spans: `${spans.join('\n')}\n${lastSpan}` }
}

for (const [form, pack] of [
  ['plain', (text: string) => text],
  ['gzip', (text: string) => gzipSync(text, { level: 0 })],
] as const) {
  test(`pieces of ${form} text take the spans of their own lines`, async (t) => {
    const work = directory()
    const file = (name: string, content: string | Buffer) => {
      writeFileSync(join(work, name), content)
      return join(work, name)
    }
    const options = (count: number, out: string, lastSpan?: string): PrepareOptions => {
      const { text, spans } = namedTexts(count, lastSpan)
      return {
        inputs: [file('text', pack(text))],
        vocabulary: file('vocab.txt', vocabularyText(vocabulary)),
        spans: file('spans.tsv', spans),
        out: join(work, out),
        language: 'en',
        lowerCase: true,
      }
    }
    await prepare(options(40, 'whole'))
    const [whole, joined] = [join(work, 'whole'), join(work, 'pieces')]
    const of = 7
    for (let number = of; number >= 1; number--) await preparePiece(options(40, 'pieces'), { number, of })
    joinPieces(joined)
    const [a, b] = [openCorpus(whole), openCorpus(joined)]
    t.is(b.documentCount, 40)
    for (let index = 0; index < 40; index++) {
      const { tokens, entities } = a.document(index)
      t.deepEqual(
        [...tokens.subarray(entities[0], entities[1])].map((id) => vocabulary.tokens[id]),
        ['new', 'york'],
      )
      t.is(entities.length, 2)
      t.deepEqual(b.document(index), a.document(index))
    }
    // A span behind the text is refused by the piece that has its end, be it without a document.
    for (const [count, pieces] of [
      [40, 7],
      [1, 3],
    ]) {
      const wrong = options(count, 'wrong', '999\t0\t1\tentity\n')
      await preparePiece(wrong, { number: 1, of: pieces })
      await t.throwsAsync(preparePiece(wrong, { number: pieces, of: pieces }), {
        code: 'SPANS_INVALID',
        message: /is about line 999, but the text has \d+ lines/,
      })
    }
  })
}

test('pieces with other spans are not joined', async (t) => {
  const work = directory()
  const { text, spans } = namedTexts(10)
  writeFileSync(join(work, 'text.txt'), text)
  writeFileSync(join(work, 'vocab.txt'), vocabularyText(vocabulary))
  const options = {
    inputs: [join(work, 'text.txt')],
    vocabulary: join(work, 'vocab.txt'),
    spans: join(work, 'spans.tsv'),
    out: join(work, 'pieces'),
    language: 'en',
    lowerCase: true,
  } as const
  writeFileSync(options.spans, spans)
  await preparePiece(options, { number: 1, of: 2 })
  writeFileSync(options.spans, spans.replace('entity', 'phrase'))
  await preparePiece(options, { number: 2, of: 2 })
  t.throws(() => joinPieces(options.out), { code: 'PIECES_DIFFER', message: /another spans than/ })
})
