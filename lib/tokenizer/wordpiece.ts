import { normalizedWords, Unit, units } from './normalize.ts'
import { createPieceTrie } from './piece-trie.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Pieces of a text; all arrays have one entry a piece. */
export interface Encoding {
  ids: Int32Array
  /** 1 on the first piece of a word. */
  wordStarts: Uint8Array
  /** 1 on every piece of a word that begins with an upper-case letter in the raw text. */
  capitals: Uint8Array
}

/** Growing list of pieces, each packed as `id << 2 | capital << 1 | wordStart`. */
export interface PieceList {
  packed: Uint32Array
  length: number
}

export interface WordPiece {
  vocabulary: Vocabulary
  lowerCase: boolean
  /** Pieces of a text, without special tokens. A literal `[MASK]` in the text is three words, not the special token. */
  encode(text: string): Encoding
  /** Appends the pieces of `text.slice(start, end)`, which must begin and end between words. */
  append(text: string, start: number, end: number, pieces: PieceList): void
}

/** A word of more code points is one `[UNK]`, as in BERT. */
export const longestWord = 100
/** Longer runs are not remembered: they hardly come again. */
const longestRemembered = 40
/** Runs remembered in each of two generations, about 20 MB in all. */
const generationSize = 65_536

/**
 * BERT's WordPiece: the text is cleaned, lower-cased and stripped of accents (`lowerCase`), split at blanks, at
 * punctuation and around ideographs, and each word cut greedily into the longest pieces of the vocabulary. Agrees with
 * BertNormalizer, BertPreTokenizer and WordPiece of HuggingFace's `tokenizers` on every text.
 *
 * A table of UTF-16 units cuts the text into blanks, single-character words, words of ASCII letters and digits, which
 * go straight through the tree of pieces, and runs with anything else in them. Only these are normalised, and their
 * pieces are remembered.
 */
export function createWordPiece(vocabulary: Vocabulary, options: { lowerCase: boolean }): WordPiece {
  const { lowerCase } = options
  const trie = createPieceTrie(vocabulary)
  const singles = new Int32Array(0x10000).fill(-1)

  /** Cuts the word `text.slice(start, end)`; `fold` lower-cases its ASCII letters. */
  const cut = (text: string, start: number, end: number, flags: number, fold: boolean, pieces: PieceList) => {
    const before = pieces.length
    let first = 1
    for (let index = start; index < end; ) {
      const id = trie.longest(text, index, end, index > start, fold)
      if (id < 0) {
        pieces.length = before
        push(pieces, (vocabulary.unknown << 2) | flags | 1)
        return
      }
      push(pieces, (id << 2) | flags | first)
      first = 0
      index = trie.matched
    }
  }
  const normalizedPieces = (run: string): Uint32Array => {
    const pieces = createPieceList(run.length + 1)
    for (const word of normalizedWords(run, lowerCase)) {
      const flags = word.capital ? 2 : 0
      if (word.length > longestWord) push(pieces, (vocabulary.unknown << 2) | flags | 1)
      else cut(word.text, 0, word.text.length, flags, false, pieces)
    }
    return pieces.packed.slice(0, pieces.length)
  }
  const recall = remember(normalizedPieces)

  const append = (text: string, start: number, end: number, pieces: PieceList) => {
    for (let index = start; index < end; ) {
      const unit = text.charCodeAt(index)
      const from = index++
      switch (units[unit]) {
        case Unit.blank:
          break
        case Unit.single:
          if (singles[unit] < 0) singles[unit] = normalizedPieces(String.fromCharCode(unit))[0]
          push(pieces, singles[unit])
          break
        default: {
          let kinds = units[unit]
          while (index < end) {
            const kind = units[text.charCodeAt(index)]
            if (kind >= Unit.blank) break
            kinds |= kind
            index++
          }
          if (kinds === Unit.plain && index - from <= longestWord) {
            cut(text, from, index, unit >= 0x41 && unit <= 0x5a ? 2 : 0, lowerCase, pieces)
          } else {
            const run = text.slice(from, index)
            const known = run.length > longestRemembered ? normalizedPieces(run) : recall(run)
            for (let piece = 0; piece < known.length; piece++) push(pieces, known[piece])
          }
        }
      }
    }
  }

  const encode = (text: string): Encoding => {
    const pieces = createPieceList()
    append(text, 0, text.length, pieces)
    const packed = pieces.packed.subarray(0, pieces.length)
    return {
      ids: Int32Array.from(packed, (piece) => piece >>> 2),
      wordStarts: Uint8Array.from(packed, (piece) => piece & 1),
      capitals: Uint8Array.from(packed, (piece) => (piece >>> 1) & 1),
    }
  }
  return { vocabulary, lowerCase, encode, append }
}

/** An empty list; `length = 0` empties it again and keeps its room. */
export function createPieceList(room = 1024): PieceList {
  return { packed: new Uint32Array(room), length: 0 }
}

function push(pieces: PieceList, packed: number): void {
  if (pieces.length === pieces.packed.length) {
    const larger = new Uint32Array(pieces.length * 2)
    larger.set(pieces.packed)
    pieces.packed = larger
  }
  pieces.packed[pieces.length++] = packed
}

/**
 * Remembers the results for the strings seen last. Two generations bound the memory without a list of uses: when the
 * young one is full it becomes the old one, and what is asked for again moves to the young one.
 */
function remember<Result>(compute: (key: string) => Result): (key: string) => Result {
  let young = new Map<string, Result>()
  let old = new Map<string, Result>()
  return (key) => {
    let result = young.get(key)
    if (result !== undefined) return result
    result = old.get(key) ?? compute(key)
    if (young.size >= generationSize) {
      old = young
      young = new Map()
    }
    young.set(detached(key), result)
    return result
  }
}

/** The same string in memory of its own: a slice would keep the whole text it was cut from. */
export function detached(slice: string): string {
  return Buffer.from(slice, 'utf16le').toString('utf16le')
}
