import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EverlearnError } from '../error.ts'

/** Version of the corpus format that is written, and the newest that can be read; see docs/corpus-format.md. */
export const corpusVersion = 3
/** The oldest that can be read: without counts of words, which are then counted when they are wanted. */
const oldestVersion = 2

/** Languages whose sentences `prepare` can find. */
export type Language = 'en' | 'zh'

/**
 * What the documents of a corpus are: running `text`, or labelled `pairs`, each a document of two paragraphs (the first
 * and the second text of a row).
 */
export type CorpusKind = 'text' | 'pairs'

/** Element type of the token ids: 16 bits where the vocabulary has at most 65,536 pieces. */
export type TokenType = 'uint16' | 'uint32'

/** How much text a corpus or a piece of one holds. */
export interface CorpusCounts {
  documents: number
  paragraphs: number
  sentences: number
  words: number
  tokens: number
  /** Tokens that are `[UNK]`. */
  unknown: number
  phrases: number
  entities: number
}

/** Contents of `manifest.json`. */
export interface CorpusManifest {
  format: 'everlearn-corpus'
  version: number
  kind: CorpusKind
  language: Language
  lowerCase: boolean
  /** Whether phrases, entities and, in Chinese, words were looked for. */
  annotated: boolean
  tokenType: TokenType
  vocabulary: CorpusFile & { size: number }
  counts: CorpusCounts
  pieces: CorpusPiece[]
  /** Hash of the compact JSON of the fields before it. */
  sha256: string
}

/** One directory of a corpus that can be made and checked by itself. */
export interface CorpusPiece {
  directory: string
  counts: CorpusCounts
  /** Names of where its documents come from, and of its labels, in the order of their numbers in `documents`. */
  sources: string[]
  labels: string[]
  /** By role: tokens, flags, sentences, paragraphs, phrases, entities, documents. */
  files: Record<string, CorpusFile>
}

/** A file of a corpus, its name relative to the directory that lists it. */
export interface CorpusFile {
  name: string
  bytes: number
  sha256: string
}

/** The text of `manifest.json`, with its own hash as the last field. */
export function manifestText(manifest: Omit<CorpusManifest, 'sha256'>): string {
  return `${JSON.stringify({ ...manifest, sha256: hashOf(manifest) }, null, 2)}\n`
}

/**
 * Reads and checks `manifest.json`.
 *
 * @throws EverlearnError `CORPUS_MISSING`, `CORPUS_NEWER`, `CORPUS_OLDER`, `CORPUS_CORRUPT`
 */
export function readManifest(directory: string): CorpusManifest {
  const path = join(directory, 'manifest.json')
  const manifest = parse(path, readText(directory, path))
  if (manifest?.format !== 'everlearn-corpus' || !Number.isInteger(manifest.version)) {
    throw new EverlearnError(
      'CORPUS_MISSING',
      `${path} does not describe a corpus; give a directory made by \`everlearn prepare\``,
    )
  }
  if (manifest.version > corpusVersion) {
    throw new EverlearnError(
      'CORPUS_NEWER',
      `${directory} has corpus format ${manifest.version}, this everlearn reads up to ${corpusVersion}; ` +
        'update everlearn, or prepare the text again',
    )
  }
  if (manifest.version < oldestVersion) {
    throw new EverlearnError(
      'CORPUS_OLDER',
      `${directory} has corpus format ${manifest.version}, this everlearn reads ${oldestVersion} to ${corpusVersion}; ` +
        'prepare the text again',
    )
  }
  const { sha256, ...rest } = manifest
  if (sha256 !== hashOf(rest)) {
    throw corrupt(path, 'was altered: it does not match its own checksum')
  }
  const names = [manifest.vocabulary.name]
  for (const piece of manifest.pieces) {
    names.push(piece.directory, ...Object.values(piece.files).map((file) => file.name))
  }
  const outside = names.find((name) => !/^\w[\w.-]*$/.test(name))
  if (outside !== undefined) throw corrupt(path, `names a file outside its directory, ${outside}`)
  return manifest
}

/** The error for a corpus whose files are not as they were written. */
export function corrupt(path: string, what: string): EverlearnError {
  return new EverlearnError(
    'CORPUS_CORRUPT',
    `${path} ${what}; copy the corpus again, or prepare the text again`,
  )
}

function readText(directory: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new EverlearnError(
      'CORPUS_MISSING',
      `${directory} is not a corpus: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}); ` +
        'give a directory made by `everlearn prepare` (with a held-out share, its train or held-out directory)',
      { cause },
    )
  }
}

function parse(path: string, text: string): CorpusManifest | null {
  try {
    return JSON.parse(text)
  } catch {
    throw corrupt(path, 'was altered: it is not JSON')
  }
}

function hashOf(manifest: Omit<CorpusManifest, 'sha256'>): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
}
