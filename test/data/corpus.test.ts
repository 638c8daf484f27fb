import { createHash } from 'node:crypto'
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { openCorpus, TokenFlag } from '../../lib/data/corpus.ts'
import { prepare } from '../../lib/data/prepare.ts'
import { EverlearnError } from '../../lib/error.ts'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { corpusFromDocuments, smallVocabulary } from '../helpers/corpus.ts'
import { scratch } from '../helpers/directory.ts'

const directory = scratch(test)
const vocabulary = smallVocabulary(['the', 'cat', 'sat'])
const original = join(directory(), 'corpus')
const text = 'The cat sat. It was a cat.\nAnother paragraph.\n\nthe second document\n'

test.before(async () => {
  const work = directory()
  writeFileSync(join(work, 'text.txt'), text)
  writeFileSync(join(work, 'vocab.txt'), vocabularyText(vocabulary))
  await prepare({
    inputs: [join(work, 'text.txt')],
    vocabulary: join(work, 'vocab.txt'),
    out: original,
    language: 'en',
    lowerCase: true,
    tokensPerPiece: 10,
  })
})

/** A copy of the corpus that may be damaged. */
function copy(): string {
  const out = join(directory(), 'corpus')
  cpSync(original, out, { recursive: true })
  return out
}

/** Changes the manifest; with `signed` its own hash is made to fit. */
function changeManifest(
  corpus: string,
  signed: boolean,
  change: (manifest: Record<string, unknown>) => void,
): void {
  const path = join(corpus, 'manifest.json')
  const { sha256, ...manifest } = JSON.parse(readFileSync(path, 'utf8'))
  change(manifest)
  const hash = createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
  writeFileSync(path, JSON.stringify({ ...manifest, sha256: signed ? hash : sha256 }))
}

const dataFiles = ['tokens.u16', 'flags.u8', 'sentences.u32', 'paragraphs.u32', 'documents.u32'].map((name) =>
  join('piece-00001', name),
)

for (const name of [...dataFiles, 'vocab.txt']) {
  test(`${name} missing, truncated, altered`, (t) => {
    const missing = copy()
    rmSync(join(missing, name))
    t.throws(() => openCorpus(missing), {
      instanceOf: EverlearnError,
      code: 'CORPUS_CORRUPT',
      message: `${join(missing, name)} is missing; copy the corpus again, or prepare the text again`,
    })
    const truncated = copy()
    const { length } = readFileSync(join(truncated, name))
    truncateSync(join(truncated, name), length - 1)
    t.throws(() => openCorpus(truncated), {
      code: 'CORPUS_CORRUPT',
      message: new RegExp(`${name} has ${length - 1} bytes where the manifest says ${length};`),
    })
    const altered = copy()
    const bytes = readFileSync(join(altered, name))
    bytes[length >> 1] ^= 1
    writeFileSync(join(altered, name), bytes)
    if (name !== 'vocab.txt') t.notThrows(() => openCorpus(altered))
    t.throws(() => openCorpus(altered, { verify: true }), {
      code: 'CORPUS_CORRUPT',
      message: new RegExp(`${name} was altered: its contents do not match`),
    })
  })
}

test('the manifest missing, cut, altered', (t) => {
  const missing = copy()
  rmSync(join(missing, 'manifest.json'))
  t.throws(() => openCorpus(missing), {
    code: 'CORPUS_MISSING',
    message: /is not a corpus: .*ENOENT.*prepare/,
  })
  t.throws(() => openCorpus(join(missing, 'nowhere')), { code: 'CORPUS_MISSING' })
  const cut = copy()
  truncateSync(join(cut, 'manifest.json'), 100)
  t.throws(() => openCorpus(cut), {
    code: 'CORPUS_CORRUPT',
    message: /manifest\.json was altered: it is not JSON/,
  })
  const altered = copy()
  changeManifest(altered, false, (manifest) => {
    manifest.language = 'zh'
  })
  t.throws(() => openCorpus(altered), {
    code: 'CORPUS_CORRUPT',
    message: /manifest\.json was altered: it does not match its own checksum/,
  })
  const foreign = copy()
  writeFileSync(join(foreign, 'manifest.json'), '{"name": "an app"}')
  t.throws(() => openCorpus(foreign), { code: 'CORPUS_MISSING', message: /does not describe a corpus/ })
  writeFileSync(join(foreign, 'manifest.json'), 'null')
  t.throws(() => openCorpus(foreign), { code: 'CORPUS_MISSING', message: /does not describe a corpus/ })
})

test('a newer version is refused, whatever else it holds', (t) => {
  const newer = copy()
  changeManifest(newer, true, (manifest) => {
    manifest.version = 4
    manifest.pieces = 'in another way'
  })
  t.throws(() => openCorpus(newer), {
    code: 'CORPUS_NEWER',
    message: /has corpus format 4, this everlearn reads up to 3; update everlearn/,
  })
})

test('a version from before spans is refused', (t) => {
  const older = copy()
  changeManifest(older, true, (manifest) => {
    manifest.version = 1
  })
  t.throws(() => openCorpus(older), {
    code: 'CORPUS_OLDER',
    message: /has corpus format 1, this everlearn reads 2 to 3; prepare the text again/,
  })
})

test('a version from before the counts of words opens', (t) => {
  const older = copy()
  changeManifest(older, true, (manifest) => {
    manifest.version = 2
  })
  t.is(openCorpus(older, { verify: true }).documentCount, 2)
})

test('names that lead out of the directory are refused, roles of later versions ignored', (t) => {
  for (const name of ['../piece-00000', '/etc', '..', 'a/b', '']) {
    const outside = copy()
    changeManifest(outside, true, (manifest) => {
      ;(manifest.pieces as { directory: string }[])[0].directory = name
    })
    t.throws(() => openCorpus(outside), { code: 'CORPUS_CORRUPT', message: /outside its directory/ })
  }
  const more = copy()
  changeManifest(more, true, (manifest) => {
    const [piece] = manifest.pieces as { files: Record<string, unknown> }[]
    piece.files.spans = { name: 'spans.u32', bytes: 4, sha256: '' }
  })
  t.is(openCorpus(more, { verify: true }).documentCount, 2)
})

test('another vocabulary is refused', (t) => {
  const other = smallVocabulary(['dog'])
  t.throws(() => openCorpus(original, { vocabulary: other }), {
    code: 'CORPUS_VOCABULARY',
    message: new RegExp(
      `corpus was prepared with another vocabulary \\(${vocabulary.size} pieces, .*\\(${other.size} pieces, .*prepare the text again`,
    ),
  })
  t.is(openCorpus(original, { vocabulary }).vocabulary.size, vocabulary.size)
})

test('documents outlive the corpus they came from', (t) => {
  const corpus = openCorpus(original)
  const { tokens } = corpus.document(1)
  const before = [...tokens]
  corpus.close()
  t.deepEqual([...tokens], before)
  t.throws(() => corpus.document(0), { instanceOf: RangeError })
})

test('a corpus in memory is the same as a prepared one', (t) => {
  const [first, second] = text.trim().split('\n\n')
  const inMemory = corpusFromDocuments(
    [first, second].map((text) => ({ text, source: 'text.txt' })),
    vocabulary,
  )
  const mapped = openCorpus(original)
  t.is(mapped.manifest.pieces.length, 2)
  t.deepEqual(inMemory.manifest.counts, mapped.manifest.counts)
  for (let index = 0; index < 2; index++) t.deepEqual(inMemory.document(index), mapped.document(index))
})

test('spans and words of an annotation lie at the tokens of their text', (t) => {
  const sentences = 'The cat sat on mats. A big cat ran to New York, quickly.'
  const at = (text: string) => [sentences.indexOf(text), sentences.indexOf(text) + text.length]
  const annotation = { phrases: [...at('The cat'), ...at('A big cat')], entities: at('New York') }
  const corpus = corpusFromDocuments(
    ['Sat.', { text: `It sat.\n${sentences}`, annotations: [{ phrases: [], entities: [] }, annotation] }],
    smallVocabulary([...new Set(sentences.toLowerCase().match(/\w+/g)), 'it']),
    { annotated: true },
  )
  const document = corpus.document(1)
  const words = (spans: Uint32Array) =>
    [...spans].flatMap((start, index) =>
      index % 2
        ? []
        : [
            [...document.tokens.subarray(start, spans[index + 1])]
              .map((id) => corpus.vocabulary.tokens[id])
              .join(' '),
          ],
    )
  t.deepEqual(words(document.phrases), ['the cat', 'a big cat'])
  t.deepEqual(words(document.entities), ['new york'])
  t.deepEqual([corpus.manifest.counts.phrases, corpus.manifest.counts.entities], [2, 1])
  t.is(corpus.document(0).phrases.length, 0)
})

test('spans that begin or end inside a word grow to it; those that then meet an earlier one or pass a sentence do not stay so', (t) => {
  const text = 'One two. Three'
  const [document] = [
    corpusFromDocuments(
      [{ text, annotations: [{ phrases: [1, 5, 6, 12], entities: [0, 3, 3, 3, 9, 99] }] }],
      smallVocabulary(['one', 'two', 'three']),
    ).document(0),
  ]
  t.deepEqual([...document.phrases], [0, 2])
  t.deepEqual([...document.entities], [0, 1, 3, 4])
})

test('Chinese words are those of the annotation, characters stay the basic units', (t) => {
  const text = '北京大学，用GPT训练。'
  const document = corpusFromDocuments(
    [{ text, annotations: [{ words: [0, 4, 5, 6, 7, 9, 11], phrases: [], entities: [] }] }],
    smallVocabulary([...'北京大学，用训练。', 'gpt']),
    { language: 'zh', annotated: true },
  ).document(0)
  const bits = (flag: number) => [...document.flags].map((flags) => Number((flags & flag) !== 0)).join('')
  t.is(document.tokens.length, 10)
  t.is(bits(TokenFlag.wordStart), '1000111101')
  t.is(bits(TokenFlag.basicStart), '1111111111')
})

test('pairs have labels, and texts their sources, whatever piece they are in', (t) => {
  const pair = (label: string, source: string) => ({ text: [['the cat'], ['sat']], label, source })
  const corpus = corpusFromDocuments(
    [pair('shown', 'a'), pair('clicked', 'b'), pair('shown', 'a'), 'the cat'],
    vocabulary,
    { kind: 'pairs' },
  )
  t.deepEqual(corpus.labels, ['clicked', 'shown'])
  const documents = [0, 1, 2, 3].map((index) => corpus.document(index))
  t.deepEqual(
    documents.map(({ label }) => label),
    [1, 0, 1, -1],
  )
  t.deepEqual(
    documents.map(({ source }) => source),
    ['a', 'b', 'a', 'memory'],
  )
})

test('counts and boundaries fit for any documents', (t) => {
  const sentence = fc.array(fc.constantFrom('the', 'cat', 'Sat', 'xyz', '.', '\u200b', ''), { maxLength: 4 })
  const documents = fc.array(
    fc.array(
      fc.array(
        sentence.map((words) => words.join(' ')),
        { maxLength: 3 },
      ),
      { maxLength: 3 },
    ),
  )
  fc.assert(
    fc.property(documents, (texts) => {
      const corpus = corpusFromDocuments(texts, vocabulary)
      const kept = texts
        .map((paragraphs) =>
          paragraphs
            .map((sentences) => sentences.filter((words) => /\w|\./.test(words)))
            .filter((sentences) => sentences.length > 0),
        )
        .filter((paragraphs) => paragraphs.length > 0)
      t.is(corpus.documentCount, kept.length)
      let start = 0
      for (const [index, paragraphs] of kept.entries()) {
        const document = corpus.document(index)
        t.is(document.paragraphs.length, paragraphs.length + 1)
        t.is(document.sentences.length, paragraphs.flat().length + 1)
        t.deepEqual(
          [...document.paragraphs.subarray(1)].map((end, number) => end - document.paragraphs[number]),
          paragraphs.map((sentences) => sentences.length),
        )
        t.true(
          document.sentences.every((value, number) => number === 0 || value > document.sentences[number - 1]),
        )
        t.is(document.sentences.at(-1), document.tokens.length)
        t.is(document.flags.length, document.tokens.length)
        t.is(corpus.documentStart(index), start)
        t.is(corpus.documentAt(start), index)
        start += document.tokens.length
        t.is(corpus.documentAt(start - 1), index)
      }
      t.is(corpus.tokenCount, start)
    }),
  )
})

test('files are looked at when they are needed: one that has gone by then is named', (t) => {
  const folder = copy()
  const corpus = openCorpus(folder)
  t.is(corpus.document(0).tokens.length, corpus.documentStart(1))
  const tokens = join(folder, 'piece-00001/tokens.u16')
  rmSync(tokens)
  t.throws(() => corpus.document(corpus.documentCount - 1), {
    code: 'CORPUS_CORRUPT',
    message: /piece-00001\/tokens\.u16 is missing/,
  })
  t.is(corpus.document(0).tokens.length, corpus.documentStart(1))
})
