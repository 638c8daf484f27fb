import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { EverlearnError } from '../error.ts'
import { readVocabulary } from '../tokenizer/vocabulary.ts'
import { type CorpusSettings, writeManifest } from './corpus-writer.ts'
import { isUnfinished, syncDirectory } from './durable-file.ts'
import { type CorpusCounts, type CorpusPiece, readManifest } from './manifest.ts'
import { corruptPiece, type PieceFile, pieceFileNames, readPieceFile } from './piece-file.ts'

/** Corpora as they are on disk. */
export type Joined = { directory: string; counts: CorpusCounts }[]

/**
 * Makes a corpus of the pieces in a directory, without writing their arrays again; it opens from then on. Does nothing
 * where that was done before.
 *
 * @throws EverlearnError `PIECES_MISSING` naming those that are, `PIECES_DIFFER` where they were not made of the same
 * inputs with the same settings, `PIECE_CORRUPT`, `CORPUS_EMPTY`
 */
export function joinPieces(out: string): Joined {
  const pieces = readPieces(out)
  if (pieces === null) return joinedBefore(out)
  checkSame(out, pieces)
  const [{ settings, corpora }] = pieces
  const joined = Object.keys(corpora).map((name) => {
    const directory = join(out, name)
    const listed = pieces.flatMap((piece) => piece.corpora[name])
    for (const piece of listed) checkFiles(directory, piece)
    if (listed.length === 0) {
      throw new EverlearnError(
        'CORPUS_EMPTY',
        `the pieces of ${directory} hold no document; prepare more text`,
      )
    }
    return { directory, listed }
  })
  const vocabularies = joined.map(({ directory }) => vocabularyOf(directory, settings.vocabulary))
  const made = joined.map(({ directory, listed }, index) => {
    const corpus = settings as unknown as CorpusSettings
    return { directory, counts: writeManifest(directory, corpus, vocabularies[index], listed) }
  })
  for (const directory of new Set([out, ...made.map(({ directory }) => directory)]))
    removeLeftovers(directory)
  return made
}

/** All pieces in their order; null when there is none. */
function readPieces(out: string): PieceFile[] | null {
  if (!existsSync(out))
    throw new EverlearnError('PIECES_MISSING', `${out} does not exist; make its pieces first`)
  const names = pieceFileNames(out)
  if (names.length === 0) return null
  return names.map((name) => readPieceFile(out, name)).sort((a, b) => a.number - b.number)
}

function joinedBefore(out: string): Joined {
  const directories = ['', 'train', 'held-out'].map((name) => join(out, name))
  const joined = directories.filter((directory) => existsSync(join(directory, 'manifest.json')))
  if (joined.length === 0) {
    throw new EverlearnError(
      'PIECES_MISSING',
      `${out} holds no piece; make them first: everlearn prepare --piece 1/N`,
    )
  }
  return joined.map((directory) => ({ directory, counts: readManifest(directory).counts }))
}

function checkSame(out: string, pieces: PieceFile[]): void {
  const [first] = pieces
  for (const piece of pieces) {
    const differing =
      piece.of !== first.of
        ? 'number of pieces'
        : Object.keys(first.settings).find((name) => piece.settings[name] !== first.settings[name])
    if (differing === undefined) continue
    const told = (each: PieceFile) => (piece.of !== first.of ? each.of : each.settings[differing])
    throw new EverlearnError(
      'PIECES_DIFFER',
      `in ${out}, piece ${piece.number} was made with another ${differing} than piece ${first.number} ` +
        `(${told(piece)}, not ${told(first)}); make all pieces of the same inputs with the same settings`,
    )
  }
  const there = new Set(pieces.map(({ number }) => number))
  const missing = Array.from({ length: first.of }, (_, index) => index + 1).filter(
    (number) => !there.has(number),
  )
  if (missing.length > 0) {
    const more = missing.length > 10 ? ` and ${missing.length - 10} more` : ''
    throw new EverlearnError(
      'PIECES_MISSING',
      `${out} has ${there.size} of ${first.of} pieces; missing: ${missing.slice(0, 10).join(', ')}${more}; ` +
        `make each with --piece NUMBER/${first.of}`,
    )
  }
}

function checkFiles(directory: string, piece: CorpusPiece): void {
  for (const file of Object.values(piece.files)) {
    const path = join(directory, piece.directory, file.name)
    const found = statSync(path, { throwIfNoEntry: false })?.size
    if (found === undefined) throw corruptPiece(path, 'is missing')
    if (found !== file.bytes) throw corruptPiece(path, `has ${found} bytes where ${file.bytes} were written`)
  }
}

function vocabularyOf(directory: string, sha256: unknown) {
  const path = join(directory, 'vocab.txt')
  const vocabulary = readVocabulary(path)
  if (vocabulary.sha256 !== sha256) throw corruptPiece(path, 'is not the vocabulary of the pieces')
  return vocabulary
}

/** What is of no use any more: the files of the pieces, and what killed processes left. */
function removeLeftovers(directory: string): void {
  const leftovers = [...pieceFileNames(directory), ...readdirSync(directory).filter(isUnfinished)]
  for (const name of leftovers) rmSync(join(directory, name), { recursive: true })
  syncDirectory(directory)
}
