import { EverlearnError } from '../error.ts'
import type { WordCounts } from './count-words.ts'
import type { Vocabulary } from './vocabulary.ts'
import { createPieceList, createWordPiece, type WordPiece } from './wordpiece.ts'

/** How well a vocabulary fits a text. */
export interface Coverage {
  words: number
  /** Tokens of these words, without special ones. */
  tokens: number
  /** Share of the words that are one piece. */
  whole: number
  piecesPerWord: number
  /** Share of the tokens that are `[UNK]`. */
  unknown: number
}

interface Sums {
  words: number
  tokens: number
  whole: number
  unknown: number
}

/**
 * What `wordPiece` makes of a text.
 *
 * @throws EverlearnError `TEXT_EMPTY`
 */
export async function coverageOfText(
  text: AsyncIterable<string> | Iterable<string>,
  wordPiece: WordPiece,
): Promise<Coverage> {
  const sums = noSums()
  const measure = measureWith(wordPiece, sums)
  for await (const paragraph of text) measure(paragraph, 1)
  if (sums.words === 0) {
    throw new EverlearnError(
      'TEXT_EMPTY',
      'there is no word in the text that a vocabulary was to be measured on; give UTF-8 text with words in it',
    )
  }
  return coverageOf(sums)
}

/** The same for words that were counted, without reading their text again. What was forgotten is not in it. */
export function coverageOfCounts({ counts, tooLong }: WordCounts, vocabulary: Vocabulary): Coverage {
  const sums = { words: tooLong, tokens: tooLong, whole: 0, unknown: tooLong }
  // The words are normalised already.
  const measure = measureWith(createWordPiece(vocabulary, { lowerCase: false }), sums)
  for (const [word, count] of counts) measure(word, count)
  return coverageOf(sums)
}

/** Adds what a text has to the sums, `times` times. */
function measureWith(wordPiece: WordPiece, sums: Sums): (text: string, times: number) => void {
  const pieces = createPieceList()
  const unknown = wordPiece.vocabulary.unknown
  return (text, times) => {
    pieces.length = 0
    wordPiece.append(text, 0, text.length, pieces)
    const { packed, length } = pieces
    sums.tokens += length * times
    for (let index = 0; index < length; index++) {
      if ((packed[index] & 1) === 0) continue
      sums.words += times
      if (packed[index] >>> 2 === unknown) sums.unknown += times
      else if (index + 1 === length || (packed[index + 1] & 1) === 1) sums.whole += times
    }
  }
}

const noSums = (): Sums => ({ words: 0, tokens: 0, whole: 0, unknown: 0 })

function coverageOf({ words, tokens, whole, unknown }: Sums): Coverage {
  return { words, tokens, whole: whole / words, piecesPerWord: tokens / words, unknown: unknown / tokens }
}
