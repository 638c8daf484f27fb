import { type Corpus, type Document, type Random, textsOfPair } from '../../lib/index.ts'

/** Titles of a corpus of queries and titles, to be drawn for queries that they do not belong to. */
export interface TitleIndex {
  /**
   * A row among those given with a title for the query of `row` that is none of its own: of the same source, and about
   * as long as the row's title. Null where there is none among some that were tried.
   */
  another(row: number, random: Random): number | null
  /** Whether some source has titles of two queries. */
  canDraw(): boolean
}

/** Titles of the same source in the order of their lengths. */
interface Shelf {
  rows: Uint32Array
  lengths: Uint32Array
}

/** A title is drawn among those of the same length and so many on both sides. */
const neighbours = 16
const mostTries = 64

/** @param rows whose titles may be drawn, documents of the corpus with two texts */
export function createTitleIndex(corpus: Corpus, rows: Uint32Array): TitleIndex {
  const shelves = shelveTitles(corpus, rows)
  const pairs = knownPairs(corpus)

  return {
    another(row, random) {
      const document = corpus.document(row)
      const { rows, lengths } = shelves.get(document.source) as Shelf
      const length = titleLength(document)
      const from = Math.max(0, firstAtLeast(lengths, length) - neighbours)
      const to = Math.min(rows.length, firstAtLeast(lengths, length + 1) + neighbours)
      const query = queryHash(document)
      for (let tries = 0; tries < mostTries; tries++) {
        const other = rows[from + random.below(to - from)]
        if (!includes(pairs, pairKey(query, titleHash(corpus.document(other))))) return other
      }
      return null
    },

    canDraw() {
      for (const { rows } of shelves.values()) {
        const first = queryHash(corpus.document(rows[0]))
        if (rows.some((row) => queryHash(corpus.document(row)) !== first)) return true
      }
      return false
    },
  }
}

function shelveTitles(corpus: Corpus, rows: Uint32Array): Map<string, Shelf> {
  const bySource = new Map<string, { row: number; length: number }[]>()
  for (const row of rows) {
    const document = corpus.document(row)
    const titles = bySource.get(document.source) ?? []
    titles.push({ row, length: titleLength(document) })
    bySource.set(document.source, titles)
  }
  return new Map(
    Array.from(bySource, ([source, titles]) => {
      titles.sort((a, b) => a.length - b.length || a.row - b.row)
      const shelf = {
        rows: Uint32Array.from(titles, ({ row }) => row),
        lengths: Uint32Array.from(titles, ({ length }) => length),
      }
      return [source, shelf] as const
    }),
  )
}

/** The pairs of query and title that the corpus has, whatever their label, as sorted keys. */
function knownPairs(corpus: Corpus): Float64Array {
  const keys = new Float64Array(corpus.documentCount)
  for (let row = 0; row < keys.length; row++) {
    const document = corpus.document(row)
    keys[row] = pairKey(queryHash(document), titleHash(document))
  }
  return keys.sort()
}

const titleOf = (document: Document) => textsOfPair(document)?.[1].start ?? document.tokens.length
const titleLength = (document: Document) => document.tokens.length - titleOf(document)
const queryHash = (document: Document) => hash(document.tokens, 0, titleOf(document))
const titleHash = (document: Document) => hash(document.tokens, titleOf(document), document.tokens.length)

/** 53 bits: two pairs hardly ever share a key, and a pair that does is only not drawn. */
const pairKey = (query: number, title: number) => query * 2 ** 21 + (title >>> 11)

/** FNV-1a over token ids, its bits mixed once more because a key keeps only the upper ones. */
function hash(tokens: ArrayLike<number>, start: number, end: number): number {
  let value = 0x811c9dc5
  for (let index = start; index < end; index++) value = Math.imul(value ^ tokens[index], 0x01000193)
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return (value ^ (value >>> 13)) >>> 0
}

const includes = (sorted: Float64Array, value: number) => sorted[firstAtLeast(sorted, value)] === value

/** Index of the first value that is not below `wanted`; the values ascend. */
function firstAtLeast(sorted: Uint32Array | Float64Array, wanted: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle] < wanted) low = middle + 1
    else high = middle
  }
  return low
}
