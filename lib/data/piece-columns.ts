import { addCounts, type EncodedDocument, noCounts } from './encode-document.ts'
import type { CorpusCounts, TokenType } from './manifest.ts'
import type { PieceArrays } from './piece-view.ts'

/** Takes the next values of one array of a piece. */
export type ColumnSink = (column: keyof PieceArrays, values: PieceArrays[keyof PieceArrays]) => void

export interface PieceColumns {
  counts: CorpusCounts
  add(document: EncodedDocument): void
  /** Hands the closing values over. */
  finish(): void
}

/** Lays documents out as the arrays of one piece; see {@link PieceArrays}. */
export function createPieceColumns(tokenType: TokenType, sink: ColumnSink): PieceColumns {
  const counts = noCounts()
  const begin = { tokens: 0, sentences: 0, paragraphs: 0 }
  const sinkStart = () => sink('documents', Uint32Array.of(begin.tokens, begin.sentences, begin.paragraphs))
  return {
    counts,
    add({ packed, sentences, paragraphs, counts: added }) {
      const tokens = tokenType === 'uint16' ? new Uint16Array(packed.length) : new Uint32Array(packed.length)
      const flags = new Uint8Array(packed.length)
      for (let index = 0; index < packed.length; index++) {
        tokens[index] = packed[index] >>> 2
        flags[index] = packed[index] & 3
      }
      sinkStart()
      sink('tokens', tokens)
      sink('flags', flags)
      sink('sentences', Uint32Array.from(sentences))
      sink('paragraphs', Uint32Array.from(paragraphs))
      begin.tokens += packed.length
      begin.sentences += sentences.length
      begin.paragraphs += paragraphs.length
      addCounts(counts, added)
    },
    finish: sinkStart,
  }
}
