import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { EverlearnError } from '../error.ts'

/** A WordPiece vocabulary: the pieces by id, and the ids of the five tokens every model here needs. */
export interface Vocabulary {
  /** Number of pieces; ids are 0 … size - 1. */
  size: number
  /** Piece of every id; continuation pieces begin with `##`. */
  tokens: string[]
  /** Id of a piece, undefined when it is not in the vocabulary. */
  id(token: string): number | undefined
  /** Id of `[PAD]`. */
  pad: number
  /** Id of `[UNK]`. */
  unknown: number
  /** Id of `[CLS]`. */
  cls: number
  /** Id of `[SEP]`. */
  sep: number
  /** Id of `[MASK]`. */
  mask: number
  /** Hash of the canonical text (one piece a line in id order), the same for every way the file may be stored. */
  sha256: string
}

const specials = { pad: '[PAD]', unknown: '[UNK]', cls: '[CLS]', sep: '[SEP]', mask: '[MASK]' } as const

/** The pieces that every vocabulary here has, in the order in which a new one begins with them. */
export const specialTokens: readonly string[] = Object.values(specials)

/** The canonical text of a vocabulary: one piece a line in id order, as `vocab.txt` beside a model. */
export function vocabularyText(vocabulary: Pick<Vocabulary, 'tokens'>): string {
  return `${vocabulary.tokens.join('\n')}\n`
}

/**
 * A vocabulary of the given pieces, in id order.
 *
 * @param source what to call it in an error, such as the file's name
 * @throws EverlearnError `VOCABULARY_INVALID` when a piece is empty or occurs twice, or a special token is missing
 */
export function createVocabulary(tokens: readonly string[], source = 'the vocabulary'): Vocabulary {
  const ids = new Map<string, number>()
  tokens.forEach((token, id) => {
    if (token === '')
      throw invalid(`${source} has an empty piece at id ${id}; every line must hold one piece`)
    const before = ids.get(token)
    if (before !== undefined) {
      throw invalid(`${source} has "${token}" twice, at ids ${before} and ${id}; remove one of the lines`)
    }
    ids.set(token, id)
  })
  const missing = specialTokens.filter((token) => !ids.has(token))
  if (missing.length > 0) {
    throw invalid(
      `${source} (${tokens.length} pieces) lacks ${missing.join(', ')}; a WordPiece vocabulary with ` +
        `${specialTokens.join(', ')} is needed, such as the vocab.txt of a BERT or ERNIE model`,
    )
  }
  const vocabulary = { size: tokens.length, tokens: [...tokens], id: (token: string) => ids.get(token) }
  const special = (name: keyof typeof specials) => ids.get(specials[name]) as number
  return {
    ...vocabulary,
    pad: special('pad'),
    unknown: special('unknown'),
    cls: special('cls'),
    sep: special('sep'),
    mask: special('mask'),
    sha256: createHash('sha256').update(vocabularyText(vocabulary)).digest('hex'),
  }
}

/**
 * Reads a vocabulary file: one piece a line, its id being the line number from 0, or `piece<TAB>id` lines in any
 * order; plain or gzip.
 *
 * @throws EverlearnError `FILE_UNREADABLE`, `VOCABULARY_INVALID`
 */
export function readVocabulary(path: string): Vocabulary {
  const lines = readText(path).split('\n')
  if (lines.at(-1) === '') lines.pop()
  const pieces = lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  const numbered = pieces.length > 0 && pieces.every((line) => /^[^\t]+\t\d+$/.test(line))
  return createVocabulary(numbered ? byId(pieces, path) : pieces, path)
}

function byId(lines: string[], path: string): string[] {
  const tokens = new Array<string | undefined>(lines.length).fill(undefined)
  lines.forEach((line, index) => {
    const [token, number] = line.split('\t')
    const id = Number(number)
    if (id >= tokens.length || tokens[id] !== undefined) {
      throw invalid(
        `${path} line ${index + 1} gives "${token}" the id ${id}, which ` +
          `${id >= tokens.length ? `passes the last of ${tokens.length} lines` : 'another line has'}; ` +
          'ids must be 0, 1, 2 … without gaps',
      )
    }
    tokens[id] = token
  })
  return tokens as string[]
}

function readText(path: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzipSync(bytes)
  } catch (cause) {
    throw new EverlearnError(
      'FILE_UNREADABLE',
      `cannot read the vocabulary ${path}: ${(cause as Error).message}; give the path of a vocab.txt, plain or .gz`,
      { cause },
    )
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw invalid(`${path} is not UTF-8; a vocabulary is a UTF-8 text file with one piece a line`, { cause })
  }
}

function invalid(message: string, options?: ErrorOptions): EverlearnError {
  return new EverlearnError('VOCABULARY_INVALID', message, options)
}
