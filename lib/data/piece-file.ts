import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EverlearnError } from '../error.ts'
import { pieceNumber } from './corpus-writer.ts'
import { writeFileDurably } from './durable-file.ts'
import { type CorpusPiece, corpusVersion } from './manifest.ts'

/** Which part of the input: `number` of `of`, from 1. */
export interface PieceOf {
  number: number
  of: number
}

/** What all pieces of a corpus must have in common, in words that can be compared. */
export type PieceSettings = Record<string, string | number | boolean>

/** Contents of `OUT/piece-00003-of-00064.json`: a piece that is complete on disk. */
export interface PieceFile extends PieceOf {
  format: 'everlearn-piece'
  version: number
  settings: PieceSettings
  /** Pieces of each corpus, by its directory in `OUT`. */
  corpora: Record<string, CorpusPiece[]>
  /** Hash of the compact JSON of the fields before it. */
  sha256: string
}

const pattern = /^piece-(\d{5,})-of-(\d{5,})\.json$/

export const piecePrefix = ({ number }: PieceOf): string => `piece-${pieceNumber(number)}`

const nameOf = (piece: PieceOf): string => `${piecePrefix(piece)}-of-${pieceNumber(piece.of)}.json`

/** Names of the piece files in a directory. */
export const pieceFileNames = (directory: string): string[] =>
  readdirSync(directory).filter((name) => pattern.test(name))

export function writePieceFile(
  directory: string,
  piece: PieceOf,
  settings: PieceSettings,
  corpora: Record<string, CorpusPiece[]>,
): void {
  const { number, of } = piece
  const content = { format: 'everlearn-piece', version: corpusVersion, number, of, settings, corpora }
  writeFileDurably(
    directory,
    nameOf(piece),
    `${JSON.stringify({ ...content, sha256: hashOf(content) }, null, 2)}\n`,
  )
}

/** @throws EverlearnError `PIECE_CORRUPT`, `PIECES_DIFFER` for one of another version of the format */
export function readPieceFile(directory: string, name: string): PieceFile {
  const path = join(directory, name)
  const { sha256, ...content } = parse(path)
  if (content.format !== 'everlearn-piece' || sha256 !== hashOf(content) || nameOf(content) !== name) {
    throw corruptPiece(path, 'was altered: it does not match its own checksum')
  }
  if (content.version !== corpusVersion) {
    throw new EverlearnError(
      'PIECES_DIFFER',
      `${path} has corpus format ${content.version}, this everlearn writes ${corpusVersion}; make the piece again`,
    )
  }
  return { ...content, sha256 }
}

export function corruptPiece(path: string, what: string): EverlearnError {
  return new EverlearnError('PIECE_CORRUPT', `${path} ${what}; make the piece again, then join`)
}

function parse(path: string): PieceFile {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw corruptPiece(path, 'was altered: it is not JSON')
  }
}

function hashOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}
