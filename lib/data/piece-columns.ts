import { addCounts, type EncodedDocument, noCounts } from './encode-document.ts'
import type { CorpusCounts, TokenType } from './manifest.ts'
import { createNames } from './names.ts'
import type { PieceArrays } from './piece-view.ts'

/** Takes the next values of one array of a piece. */
export type ColumnSink = (column: keyof PieceArrays, values: PieceArrays[keyof PieceArrays]) => void

export interface PieceColumns {
  counts: CorpusCounts
  /** The names that the numbers of documents stand for: those of the documents added so far. */
  sources: string[]
  labels: string[]
  /** @param label of a pair */
  add(document: EncodedDocument, source: string, label?: string): void
  /** Hands the closing values over. */
  finish(): void
}

/** Lays documents out as the arrays of one piece; see {@link PieceArrays}. */
export function createPieceColumns(tokenType: TokenType, sink: ColumnSink): PieceColumns {
  const counts = noCounts()
  const sources = createNames()
  const labels = createNames()
  const begin = { tokens: 0, sentences: 0, paragraphs: 0, phrases: 0, entities: 0 }
  const sinkStart = (source: number, label: number) =>
    sink('documents', Uint32Array.of(...Object.values(begin), source, label))
  return {
    counts,
    sources: sources.names,
    labels: labels.names,
    add({ ids, flags, sentences, paragraphs, phrases, entities, counts: added }, source, label) {
      sinkStart(sources.numberOf(source), label === undefined ? 0 : labels.numberOf(label) + 1)
      sink('tokens', tokenType === 'uint16' ? Uint16Array.from(ids) : ids)
      sink('flags', flags)
      const starts = { sentences, paragraphs, phrases, entities }
      for (const [column, values] of Object.entries(starts)) {
        sink(column as keyof typeof starts, Uint32Array.from(values))
        begin[column as keyof typeof starts] += values.length
      }
      begin.tokens += ids.length
      addCounts(counts, added)
    },
    finish: () => sinkStart(0, 0),
  }
}
