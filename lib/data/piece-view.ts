import type { Corpus, Document } from './corpus.ts'

/** The arrays of one piece, as its files hold them; see docs/corpus-format.md. */
export interface PieceArrays {
  tokens: Uint16Array | Uint32Array
  flags: Uint8Array
  /** For each document in turn, {@link Document.sentences}. */
  sentences: Uint32Array
  /** For each document in turn, {@link Document.paragraphs}. */
  paragraphs: Uint32Array
  /** Three values a document, and three for the end: where it begins in `tokens`, `sentences` and `paragraphs`. */
  documents: Uint32Array
}

type Documents = Pick<Corpus, 'documentCount' | 'tokenCount' | 'document' | 'documentStart' | 'documentAt'>

/** Reads pieces one after another as one sequence of documents, without copying. */
export function viewPieces(pieces: readonly PieceArrays[]): Documents {
  const documentOffsets = offsets(pieces.map((piece) => piece.documents.length / 3 - 1))
  const tokenOffsets = offsets(pieces.map((piece) => piece.tokens.length))
  const documentCount = documentOffsets[pieces.length]
  const tokenCount = tokenOffsets[pieces.length]

  const document = (index: number): Document => {
    if (!(index >= 0 && index < documentCount)) {
      throw new RangeError(`document ${index} of a corpus of ${documentCount} documents`)
    }
    const number = lastAtMost(pieces.length, (piece) => documentOffsets[piece], index)
    const { tokens, flags, sentences, paragraphs, documents } = pieces[number]
    const at = 3 * (index - documentOffsets[number])
    return {
      index,
      tokens: tokens.subarray(documents[at], documents[at + 3]),
      flags: flags.subarray(documents[at], documents[at + 3]),
      sentences: sentences.subarray(documents[at + 1], documents[at + 4]),
      paragraphs: paragraphs.subarray(documents[at + 2], documents[at + 5]),
    }
  }
  const documentStart = (index: number): number => {
    if (!(index >= 0 && index <= documentCount)) {
      throw new RangeError(`document ${index} of a corpus of ${documentCount} documents`)
    }
    if (index === documentCount) return tokenCount
    const number = lastAtMost(pieces.length, (piece) => documentOffsets[piece], index)
    return tokenOffsets[number] + pieces[number].documents[3 * (index - documentOffsets[number])]
  }
  const documentAt = (token: number): number => {
    if (!(token >= 0 && token < tokenCount)) {
      throw new RangeError(`token ${token} of a corpus of ${tokenCount} tokens`)
    }
    const number = lastAtMost(pieces.length, (piece) => tokenOffsets[piece], token)
    const { documents } = pieces[number]
    const inside = token - tokenOffsets[number]
    return (
      documentOffsets[number] + lastAtMost(documents.length / 3 - 1, (index) => documents[3 * index], inside)
    )
  }
  return { documentCount, tokenCount, document, documentStart, documentAt }
}

/** Running sums, beginning with 0. */
function offsets(lengths: number[]): number[] {
  const sums = [0]
  for (const length of lengths) sums.push(sums[sums.length - 1] + length)
  return sums
}

/** Last index of 0 … count - 1 whose value is at most `wanted`; the values ascend. */
function lastAtMost(count: number, value: (index: number) => number, wanted: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (value(middle) <= wanted) low = middle
    else high = middle - 1
  }
  return low
}
