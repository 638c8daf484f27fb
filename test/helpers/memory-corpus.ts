import type { Corpus } from '../../lib/data/corpus.ts'
import { createVocabulary } from '../../lib/tokenizer/vocabulary.ts'
import { corpusFromDocuments } from './corpus.ts'

const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '[unused1]']

/**
 * A corpus in memory whose documents are given as sentences of pieces between spaces: `It pur ##red`. The vocabulary
 * has the pieces that occur, lower-cased, after the special tokens.
 */
export function memoryCorpus(documents: string[][]): Corpus {
  const pieces = documents.flatMap((sentences) => sentences.flatMap((sentence) => sentence.split(' ')))
  const words = new Set(pieces.map((piece) => piece.toLowerCase()))
  const texts = documents.map((sentences) => [sentences.map((sentence) => sentence.replaceAll(' ##', ''))])
  return corpusFromDocuments(texts, createVocabulary([...specials, ...words]))
}

/** Documents for {@link memoryCorpus} whose words name their document, sentence and place: `d3s12w5`. */
export function numberedDocuments(
  sentenceCounts: number[],
  wordsOf: (document: number, sentence: number) => number,
): string[][] {
  return sentenceCounts.map((count, document) =>
    Array.from({ length: count }, (_, sentence) =>
      Array.from(
        { length: wordsOf(document, sentence) },
        (_, word) => `d${document}s${sentence}w${word}`,
      ).join(' '),
    ),
  )
}

/** The pieces of ids, special tokens as they are. */
export const piecesOf = (corpus: Corpus, ids: ArrayLike<number>): string[] =>
  Array.from(ids, (id) => corpus.vocabulary.tokens[id])
