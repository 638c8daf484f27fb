import { type EncodedDocument, noCounts } from './encode-document.ts'
import type { CorpusCounts, TokenType } from './manifest.ts'
import { createPieceColumns } from './piece-columns.ts'
import { documentFields, type Piece, type PieceArrays } from './piece-view.ts'

/** Documents in memory that go into a corpus together. Threads send them whole. */
export interface PackedDocuments extends Piece {
  /** Their counts one after another, in the order of {@link countNames}. */
  counts: Float64Array
}

/** A list of documents that grows. */
export interface DocumentPacker {
  /** @param label of a pair */
  add(document: EncodedDocument, source: string, label?: string): void
  /** What was added since the last call. */
  take(): PackedDocuments
}

export const countNames = Object.keys(noCounts()) as (keyof CorpusCounts)[]

/** Number of documents of a list. */
export const documentsIn = ({ documents }: PieceArrays): number => documents.length / documentFields - 1

export function createDocumentPacker(tokenType: TokenType): DocumentPacker {
  const empty = () => ({
    tokens: createList(tokenType === 'uint16' ? Uint16Array : Uint32Array),
    flags: createList(Uint8Array),
    sentences: createList(Uint32Array),
    paragraphs: createList(Uint32Array),
    phrases: createList(Uint32Array),
    entities: createList(Uint32Array),
    documents: createList(Uint32Array),
  })
  let lists = empty()
  let counts: number[] = []
  const begin = () => createPieceColumns(tokenType, (column, values) => lists[column].add(values))
  let columns = begin()
  return {
    add(document, source, label) {
      columns.add(document, source, label)
      for (const name of countNames) counts.push(document.counts[name])
    },
    take() {
      columns.finish()
      const taken = {
        tokens: lists.tokens.take() as Uint16Array | Uint32Array,
        flags: lists.flags.take() as Uint8Array,
        sentences: lists.sentences.take() as Uint32Array,
        paragraphs: lists.paragraphs.take() as Uint32Array,
        phrases: lists.phrases.take() as Uint32Array,
        entities: lists.entities.take() as Uint32Array,
        documents: lists.documents.take() as Uint32Array,
        sources: columns.sources,
        labels: columns.labels,
        counts: Float64Array.from(counts),
      }
      lists = empty()
      counts = []
      columns = begin()
      return taken
    },
  }
}

/** The memory of a list, to be given to another thread instead of copied. */
export function memoryOf({ sources: _, labels: __, ...arrays }: PackedDocuments): ArrayBuffer[] {
  return Object.values(arrays).map(({ buffer }) => buffer as ArrayBuffer)
}

type Values = Uint8Array | Uint16Array | Uint32Array

function createList(type: Uint8ArrayConstructor | Uint16ArrayConstructor | Uint32ArrayConstructor) {
  let room: Values = new type(1024)
  let length = 0
  return {
    add(values: ArrayLike<number>) {
      if (length + values.length > room.length) {
        const larger = new type(Math.max(2 * room.length, length + values.length))
        larger.set(room.subarray(0, length))
        room = larger
      }
      room.set(values, length)
      length += values.length
    },
    take: (): Values => room.slice(0, length),
  }
}
