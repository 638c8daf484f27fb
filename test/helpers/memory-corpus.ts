import { type Corpus, type Document, TokenFlag } from '../../lib/data/corpus.ts'
import { createVocabulary, type Vocabulary } from '../../lib/tokenizer/vocabulary.ts'

const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '[unused1]']

/**
 * A corpus of documents given as sentences of pieces between spaces, in memory. `##` continues a word; a capital first
 * letter is a flag and is lower-cased. The vocabulary has the pieces that occur, after the special tokens.
 */
export function memoryCorpus(documents: string[][]): Corpus {
  const pieces = documents.map((sentences) => sentences.map((sentence) => sentence.split(' ')))
  const words = new Set(pieces.flat(2).map((piece) => piece.toLowerCase()))
  const vocabulary = createVocabulary([...specials, ...words])
  const built = pieces.map((sentences, index) => build(index, sentences, vocabulary))
  const starts = [0]
  for (const { tokens } of built) starts.push(starts[starts.length - 1] + tokens.length)
  const corpus: Partial<Corpus> = {
    directory: 'memory',
    vocabulary,
    documentCount: built.length,
    tokenCount: starts[built.length],
    document: (index) => built[index],
    documentStart: (index) => starts[index],
    documentAt: (token) => starts.findIndex((start) => start > token) - 1,
    close: () => {},
  }
  return corpus as Corpus
}

function build(index: number, sentences: string[][], vocabulary: Vocabulary): Document {
  const bounds = [0]
  for (const sentence of sentences) bounds.push(bounds[bounds.length - 1] + sentence.length)
  const flat = sentences.flat()
  let capital = 0
  return {
    index,
    tokens: Uint16Array.from(flat, (piece) => vocabulary.id(piece.toLowerCase())!),
    flags: Uint8Array.from(flat, (piece) => {
      const starts = !piece.startsWith('##')
      if (starts) capital = /^\p{Lu}/u.test(piece) ? TokenFlag.capital : 0
      return capital | (starts ? TokenFlag.wordStart : 0)
    }),
    sentences: Uint32Array.from(bounds),
    paragraphs: Uint32Array.of(0, sentences.length),
  }
}

/** Documents of random sentences: every piece names its document, sentence and place, such as `d3s12w5`. */
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
