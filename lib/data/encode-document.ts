import type { WordPiece } from '../tokenizer/wordpiece.ts'
import { createPieceList } from '../tokenizer/wordpiece.ts'
import type { CorpusCounts } from './manifest.ts'
import type { SentenceSplitter } from './sentences.ts'

/** A document on its way into a corpus. The arrays are used again for the next one. */
export interface EncodedDocument {
  /** Pieces packed as in {@link PieceList}, `counts.tokens` of them. */
  packed: Uint32Array
  /** As {@link Document.sentences} and {@link Document.paragraphs}, with their closing values. */
  sentences: number[]
  paragraphs: number[]
  counts: CorpusCounts
}

export interface DocumentEncoder {
  /** Adds a paragraph: its text, or its sentences where they are known. */
  addParagraph(paragraph: string | readonly string[]): void
  /** The document of the paragraphs added since the last call; null when they hold no token. */
  finish(): EncodedDocument | null
}

/** Turns paragraphs into the pieces and boundaries of a document. Sentences and paragraphs without a token are dropped. */
export function createDocumentEncoder(wordPiece: WordPiece, split: SentenceSplitter): DocumentEncoder {
  const pieces = createPieceList()
  let sentences: number[] = []
  let paragraphs: number[] = []

  const addSentence = (text: string, start: number, end: number) => {
    const first = pieces.length
    wordPiece.append(text, start, end, pieces)
    if (pieces.length > first) sentences.push(first)
  }
  return {
    addParagraph(paragraph) {
      const first = sentences.length
      if (typeof paragraph === 'string') {
        let start = 0
        for (const end of split(paragraph)) {
          addSentence(paragraph, start, end)
          start = end
        }
      } else {
        for (const sentence of paragraph) addSentence(sentence, 0, sentence.length)
      }
      if (sentences.length > first) paragraphs.push(first)
    },
    finish() {
      const packed = pieces.packed.subarray(0, pieces.length)
      const document = { packed, sentences, paragraphs, counts: count(packed, wordPiece.vocabulary.unknown) }
      document.counts.sentences = sentences.length
      document.counts.paragraphs = paragraphs.length
      sentences.push(pieces.length)
      paragraphs.push(sentences.length - 1)
      pieces.length = 0
      sentences = []
      paragraphs = []
      return packed.length > 0 ? document : null
    },
  }
}

/** Counts of nothing. */
export function noCounts(): CorpusCounts {
  return { documents: 0, paragraphs: 0, sentences: 0, words: 0, tokens: 0, unknown: 0 }
}

/** Adds `counts` to `total`. */
export function addCounts(total: CorpusCounts, counts: CorpusCounts): void {
  for (const name of Object.keys(total) as (keyof CorpusCounts)[]) total[name] += counts[name]
}

function count(packed: Uint32Array, unknownId: number): CorpusCounts {
  let words = 0
  let unknown = 0
  for (let index = 0; index < packed.length; index++) {
    words += packed[index] & 1
    if (packed[index] >>> 2 === unknownId) unknown++
  }
  return { ...noCounts(), documents: 1, words, tokens: packed.length, unknown }
}
