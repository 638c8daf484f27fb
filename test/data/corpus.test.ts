import { createHash } from 'node:crypto'
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { openCorpus } from '../../lib/data/corpus.ts'
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
