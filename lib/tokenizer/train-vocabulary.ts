import { EverlearnError } from '../error.ts'
import { createWordCounter } from './count-words.ts'
import { type Coverage, coverageOfCounts } from './coverage.ts'
import { mergePairs } from './merge-pairs.ts'
import { splitWords } from './split-words.ts'
import { createVocabulary, specialTokens, type Vocabulary } from './vocabulary.ts'

export interface TrainVocabularyOptions {
  /** Pieces to reach, special ones included. */
  size: number
  /** Lower-case the text and strip accents, as the tokenizer that will use the vocabulary does. */
  lowerCase: boolean
  /** Characters to keep, the commonest; 1000 unless told. A word with any other is `[UNK]`. */
  alphabet?: number
  /** Pairs of pieces that occur less often are not joined; 2 unless told. */
  minCount?: number
  /** Places `[unused0]`, `[unused1]` … after the special pieces; 0 unless told. */
  unused?: number
  /** Different words that may be in memory, 2^21 unless told (at most about 0.7 GB in all); see {@link createWordCounter}. */
  mostWords?: number
  /** Called now and then: with the characters read, then with the pieces found. */
  onProgress?: (progress: { characters: number; pieces: number }) => void
}

export interface TrainedVocabulary {
  /** Special pieces, unused places, the alphabet, then pieces in the order in which they were learned. */
  vocabulary: Vocabulary
  /** Different words of the text. */
  distinctWords: number
  /** Occurrences of rare words that were forgotten to bound the memory; 0: order did not matter. */
  forgottenWords: number
  /** Different characters in the vocabulary, and in the text. */
  characters: { kept: number; found: number }
  /** How the vocabulary fits the text it comes from, without the words that were forgotten. */
  coverage: Coverage
}

/** Fewer characters or pieces are not worth a call of `onProgress`. */
const progressEvery = { characters: 2 ** 18, pieces: 100 }

/**
 * A WordPiece vocabulary for a text: its words are counted as {@link createWordPiece} will see them, and pieces are
 * learned as HuggingFace's BertWordPieceTokenizer does, see {@link mergePairs}. The same words give the same vocabulary
 * in any order. It has fewer than `size` pieces where the text has no more to learn.
 *
 * @param text paragraphs, or any other cut of the text between words
 * @throws EverlearnError `OPTION_INVALID`, `TEXT_EMPTY`, `VOCABULARY_TOO_SMALL`
 */
export async function trainVocabulary(
  text: AsyncIterable<string> | Iterable<string>,
  options: TrainVocabularyOptions,
): Promise<TrainedVocabulary> {
  const { size, lowerCase, alphabet = 1000, minCount = 2, unused = 0, mostWords = 2 ** 21 } = options
  checkWhole({ size, alphabet, minCount, mostWords }, 1)
  checkWhole({ unused }, 0)
  const counter = createWordCounter({ lowerCase, mostWords })
  let characters = 0
  let told = 0
  for await (const paragraph of text) {
    counter.add(paragraph)
    characters += paragraph.length
    if (characters - told < progressEvery.characters) continue
    told = characters
    options.onProgress?.({ characters, pieces: 0 })
  }
  const counted = counter.finish()
  if (counted.counts.size === 0) {
    throw new EverlearnError(
      'TEXT_EMPTY',
      'there is no word in the text to learn a vocabulary from; give UTF-8 text with words in it',
    )
  }

  const reserved = [...specialTokens, ...Array.from({ length: unused }, (_, index) => `[unused${index}]`)]
  const words = splitWords(counted.counts, alphabet)
  if (size < reserved.length + words.alphabet.length) {
    throw tooSmall(size, unused, words.characters.kept, words.alphabet.length)
  }
  const pieces = mergePairs(words, {
    size: size - reserved.length,
    minCount,
    onPiece(pieces) {
      if (pieces % progressEvery.pieces === 0) options.onProgress?.({ characters, pieces })
    },
  })
  const vocabulary = createVocabulary([...reserved, ...pieces])
  return {
    vocabulary,
    distinctWords: counted.counts.size,
    forgottenWords: counted.forgotten,
    characters: words.characters,
    coverage: coverageOfCounts(counted, vocabulary),
  }
}

function checkWhole(values: Record<string, number>, least: number): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isSafeInteger(value) && value >= least) continue
    throw new EverlearnError(
      'OPTION_INVALID',
      `${name} is ${value} for the vocabulary; it must be a whole number of at least ${least}`,
    )
  }
}

function tooSmall(size: number, unused: number, characters: number, alphabet: number): EverlearnError {
  const least = specialTokens.length + unused + alphabet
  return new EverlearnError(
    'VOCABULARY_TOO_SMALL',
    `a vocabulary of ${size} pieces has no room for ${specialTokens.length} special and ${unused} unused ones, ` +
      `${characters} characters and ${alphabet - characters} that continue a word (##); ` +
      `give a size of more than ${least}, or a smaller alphabet`,
  )
}
