import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { EverlearnError } from '../error.ts'
import { readVocabulary, type Vocabulary } from '../tokenizer/vocabulary.ts'
import {
  type CorpusFile,
  type CorpusKind,
  type CorpusManifest,
  type CorpusPiece,
  corrupt,
  readManifest,
} from './manifest.ts'
import { mapFile } from './mapping.ts'
import { type Piece, viewPieces } from './piece-view.ts'

export type {
  CorpusCounts,
  CorpusFile,
  CorpusKind,
  CorpusManifest,
  CorpusPiece,
  Language,
} from './manifest.ts'

/** Bits of {@link Document.flags}. */
export const TokenFlag = {
  /** The token is the first piece of its word: in annotated Chinese text a word of several characters. */
  wordStart: 1,
  /** The word begins with an upper-case letter in the raw text; set on every piece of the word. */
  capital: 2,
  /** The token is the first piece of its basic unit: an English word, a Chinese character (ERNIE 1.0, section 3.2). */
  basicStart: 4,
} as const

/** One document of a corpus. The arrays are views of the mapped files: read them, do not write to them. */
export interface Document {
  /** Number of the document in the corpus, from 0. */
  index: number
  /** Token ids without special tokens. */
  tokens: Uint16Array | Uint32Array
  /** Per token, bits of {@link TokenFlag}; above them how often its word stands in the document, see {@link wordCount}. */
  flags: Uint8Array
  /** First token of each sentence, counted from the document's first token, then the number of tokens: n + 1 values. */
  sentences: Uint32Array
  /** First sentence of each paragraph, then the number of sentences: n + 1 values. */
  paragraphs: Uint32Array
  /**
   * First token and end (exclusive) of each phrase, counted from the document's first token; ascending, none overlapping
   * another, each inside one sentence. Empty where the corpus is not annotated.
   */
  phrases: Uint32Array
  /** The same of named entities. */
  entities: Uint32Array
  /** Name of what it comes from: of the file, unless `prepare` was told another. */
  source: string
  /** Index of a pair's label in {@link Corpus.labels}, -1 for none. */
  label: number
}

/** Text as token ids with its structure; documents are numbered from 0 in the order of their text. */
export interface Corpus {
  directory: string
  manifest: CorpusManifest
  vocabulary: Vocabulary
  kind: CorpusKind
  /** Whether its documents have phrases, entities and, in Chinese, words of several characters. */
  annotated: boolean
  /** Names of the labels of pairs, in the order of the alphabet. */
  labels: readonly string[]
  documentCount: number
  tokenCount: number
  /** One document. @throws RangeError when the index is not 0 … documentCount - 1 */
  document(index: number): Document
  /** First token of a document, counted over the whole corpus; `documentStart(documentCount)` is `tokenCount`. */
  documentStart(index: number): number
  /** The document that holds a token, counted over the whole corpus. */
  documentAt(token: number): number
  /** Lets go of the mapped files; documents handed out before stay valid. */
  close(): void
}

/**
 * Opens a corpus made by `prepare`. The manifest's checksum, the vocabulary and the size of every file are checked;
 * nothing else is read before it is used.
 *
 * @param options.verify also check the contents of every file, which reads them all
 * @param options.vocabulary the vocabulary it must have been prepared with
 * @throws EverlearnError `CORPUS_MISSING`, `CORPUS_CORRUPT` (naming the file), `CORPUS_NEWER`, `CORPUS_OLDER`, `CORPUS_VOCABULARY`
 */
export function openCorpus(
  directory: string,
  options: { verify?: boolean; vocabulary?: Pick<Vocabulary, 'size' | 'sha256'> } = {},
): Corpus {
  const manifest = readManifest(directory)
  const vocabulary = openVocabulary(directory, manifest)
  const wanted = options.vocabulary
  if (wanted !== undefined && wanted.sha256 !== vocabulary.sha256) {
    throw new EverlearnError(
      'CORPUS_VOCABULARY',
      `${directory} was prepared with another vocabulary (${vocabulary.size} pieces, ${vocabulary.sha256.slice(0, 12)}) ` +
        `than the one in use (${wanted.size} pieces, ${wanted.sha256.slice(0, 12)}); prepare the text again with that one`,
    )
  }
  const pieces = manifest.pieces.map((piece) =>
    openPiece(directory, manifest, piece, options.verify ?? false),
  )
  let view = viewPieces(
    pieces,
    manifest.pieces.map(({ counts }) => counts),
  )
  return {
    directory,
    manifest,
    vocabulary,
    kind: manifest.kind,
    annotated: manifest.annotated,
    labels: view.labels,
    documentCount: view.documentCount,
    tokenCount: view.tokenCount,
    document: (index) => view.document(index),
    documentStart: (index) => view.documentStart(index),
    documentAt: (token) => view.documentAt(token),
    close() {
      view = viewPieces([])
    },
  }
}

function openVocabulary(directory: string, manifest: CorpusManifest): Vocabulary {
  const path = join(directory, manifest.vocabulary.name)
  checkSize(path, manifest.vocabulary)
  if (hashOf(readFileSync(path)) !== manifest.vocabulary.sha256) throw altered(path)
  return readVocabulary(path)
}

function openPiece(
  directory: string,
  { tokenType }: CorpusManifest,
  piece: CorpusPiece,
  verify: boolean,
): Piece {
  /** Every mapping makes the garbage collector run, so a file is mapped only when it is first looked at. */
  const map = (path: string, file: CorpusFile): ArrayBuffer => {
    checkSize(path, file)
    return mapFile(path, file.bytes)
  }
  const { sources, labels } = piece
  const opened: Partial<Piece> = { sources, labels }
  for (const role of pieceRoles) {
    const file = piece.files[role]
    const path = join(directory, piece.directory, file.name)
    checkSize(path, file)
    if (verify && hashOf(new Uint8Array(map(path, file))) !== file.sha256) throw altered(path)
    const isTokens16 = role === 'tokens' && tokenType === 'uint16'
    const view = role === 'flags' ? Uint8Array : isTokens16 ? Uint16Array : Uint32Array
    lazily(opened, role, () => new view(map(path, file)))
  }
  return opened as Piece
}

const pieceRoles = ['tokens', 'flags', 'sentences', 'paragraphs', 'phrases', 'entities', 'documents'] as const

/** A property that is made when it is first read. */
function lazily(object: object, name: string, make: () => unknown): void {
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = make()
      Object.defineProperty(object, name, { value, enumerable: true })
      return value
    },
  })
}

function checkSize(path: string, { bytes }: CorpusFile): void {
  const found = statSync(path, { throwIfNoEntry: false })?.size
  if (found === undefined) throw corrupt(path, 'is missing')
  if (found !== bytes) throw corrupt(path, `has ${found} bytes where the manifest says ${bytes}`)
}

function altered(path: string): EverlearnError {
  return corrupt(path, 'was altered: its contents do not match the checksum in the manifest')
}

function hashOf(bytes: Uint8Array): string {
  const hash = createHash('sha256')
  // In blocks, because one update takes less than 2 GiB.
  const block = 1 << 26
  for (let start = 0; start < bytes.length; start += block) hash.update(bytes.subarray(start, start + block))
  return hash.digest('hex')
}
