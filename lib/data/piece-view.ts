import type { Corpus, Document } from './corpus.ts'

/** The arrays of one piece, as its files hold them; see docs/corpus-format.md. */
export interface PieceArrays {
  tokens: Uint16Array | Uint32Array
  flags: Uint8Array
  /** For each document in turn, {@link Document.sentences}. */
  sentences: Uint32Array
  /** For each document in turn, {@link Document.paragraphs}. */
  paragraphs: Uint32Array
  /** For each document in turn, {@link Document.phrases}. */
  phrases: Uint32Array
  /** For each document in turn, {@link Document.entities}. */
  entities: Uint32Array
  /**
   * {@link documentFields} values a document, and as many for the end: where it begins in `tokens`, `sentences`,
   * `paragraphs`, `phrases` and `entities`; the number of its source; the number of its label plus 1, 0 for none.
   */
  documents: Uint32Array
}

/** A piece with the names that its documents' numbers stand for. */
export interface Piece extends PieceArrays {
  sources: readonly string[]
  labels: readonly string[]
}

export const documentFields = 7

type Documents = Pick<
  Corpus,
  'documentCount' | 'tokenCount' | 'labels' | 'document' | 'documentStart' | 'documentAt'
>

/**
 * Reads pieces one after another as one sequence of documents, without copying.
 *
 * @param counts of each piece, where they are known without looking at its arrays
 */
export function viewPieces(
  pieces: readonly Piece[],
  counts: readonly { documents: number; tokens: number }[] = pieces.map(countsOf),
): Documents {
  const documentOffsets = offsets(counts.map(({ documents }) => documents))
  const tokenOffsets = offsets(counts.map(({ tokens }) => tokens))
  const documentCount = documentOffsets[pieces.length]
  const tokenCount = tokenOffsets[pieces.length]
  const labels = [...new Set(pieces.flatMap((piece) => piece.labels))].sort()
  const labelNumbers = pieces.map((piece) => piece.labels.map((label) => labels.indexOf(label)))

  const document = (index: number): Document => {
    if (!(index >= 0 && index < documentCount)) {
      throw new RangeError(`document ${index} of a corpus of ${documentCount} documents`)
    }
    const number = lastAtMost(pieces.length, (piece) => documentOffsets[piece], index)
    const { documents, sources, ...arrays } = pieces[number]
    const at = documentFields * (index - documentOffsets[number])
    const range = (field: number) => [documents[at + field], documents[at + field + documentFields]] as const
    const label = documents[at + 6]
    return {
      index,
      tokens: arrays.tokens.subarray(...range(0)),
      flags: arrays.flags.subarray(...range(0)),
      sentences: arrays.sentences.subarray(...range(1)),
      paragraphs: arrays.paragraphs.subarray(...range(2)),
      phrases: arrays.phrases.subarray(...range(3)),
      entities: arrays.entities.subarray(...range(4)),
      source: sources[documents[at + 5]],
      label: label === 0 ? -1 : labelNumbers[number][label - 1],
    }
  }
  const documentStart = (index: number): number => {
    if (!(index >= 0 && index <= documentCount)) {
      throw new RangeError(`document ${index} of a corpus of ${documentCount} documents`)
    }
    if (index === documentCount) return tokenCount
    const number = lastAtMost(pieces.length, (piece) => documentOffsets[piece], index)
    return tokenOffsets[number] + pieces[number].documents[documentFields * (index - documentOffsets[number])]
  }
  const documentAt = (token: number): number => {
    if (!(token >= 0 && token < tokenCount)) {
      throw new RangeError(`token ${token} of a corpus of ${tokenCount} tokens`)
    }
    const number = lastAtMost(pieces.length, (piece) => tokenOffsets[piece], token)
    const { documents } = pieces[number]
    const inside = token - tokenOffsets[number]
    const count = documents.length / documentFields - 1
    return documentOffsets[number] + lastAtMost(count, (index) => documents[documentFields * index], inside)
  }
  return { documentCount, tokenCount, labels, document, documentStart, documentAt }
}

const countsOf = ({ documents, tokens }: Piece) => ({
  documents: documents.length / documentFields - 1,
  tokens: tokens.length,
})

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
