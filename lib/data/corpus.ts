import type { Vocabulary } from '../tokenizer/vocabulary.ts'

/** Bits of {@link Document.flags}. */
export const TokenFlag = {
  /** The token is the first piece of its word. */
  wordStart: 1,
  /** The word begins with an upper-case letter in the raw text; set on every piece of the word. */
  capital: 2,
} as const

/** One document of a corpus. The arrays are views of the mapped files: read them, do not write to them. */
export interface Document {
  /** Number of the document in the corpus, from 0. */
  index: number
  /** Token ids without special tokens. */
  tokens: Uint16Array | Uint32Array
  /** Per token, bits of {@link TokenFlag}. */
  flags: Uint8Array
  /** First token of each sentence, counted from the document's first token, then the number of tokens: n + 1 values. */
  sentences: Uint32Array
  /** First sentence of each paragraph, then the number of sentences: n + 1 values. */
  paragraphs: Uint32Array
}

/** Text as token ids with its structure; documents are numbered from 0 in the order of their text. */
export interface Corpus {
  directory: string
  manifest: CorpusManifest
  vocabulary: Vocabulary
  documentCount: number
  tokenCount: number
  /** One document. @throws RangeError when the index is not 0 … documentCount - 1 */
  document(index: number): Document
  /** First token of a document, counted over the whole corpus; `documentStart(documentCount)` is `tokenCount`. */
  documentStart(index: number): number
  /** The document that holds a token, counted over the whole corpus. */
  documentAt(token: number): number
  /** Gives the mapped files back; views handed out before stay valid until they are collected. */
  close(): void
}

/** Languages whose sentences `prepare` can find. */
export type Language = 'en' | 'zh'

/** How much text a corpus or a piece of one holds. */
export interface CorpusCounts {
  documents: number
  paragraphs: number
  sentences: number
  words: number
  tokens: number
  /** Tokens that are `[UNK]`. */
  unknown: number
}

/** Contents of `manifest.json`; see docs/corpus-format.md. */
export interface CorpusManifest {
  format: 'everlearn-corpus'
  version: number
  language: Language
  lowerCase: boolean
  vocabulary: { size: number; sha256: string; file: CorpusFile }
  /** Element type of the token ids. */
  tokenType: 'uint16' | 'uint32'
  counts: CorpusCounts
  pieces: CorpusPiece[]
  /** Hash of the manifest without this field. */
  sha256: string
}

/** One directory of a corpus that can be made and checked by itself. */
export interface CorpusPiece {
  directory: string
  counts: CorpusCounts
  /** By role: tokens, flags, sentences, paragraphs, documents. */
  files: Record<string, CorpusFile>
}

/** A file of a corpus, its name relative to the directory that lists it. */
export interface CorpusFile {
  name: string
  bytes: number
  sha256: string
}
