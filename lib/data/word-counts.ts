import { createEdgeTable } from './annotate/edge-table.ts'
import { type Document, TokenFlag } from './corpus.ts'

/** Place of the count in the flags of a word's first piece: all bits above those of {@link TokenFlag}. */
const shift = 3
/** Stands for itself and all that is more. */
export const mostCounted = 31

/**
 * How often the word that begins at a token stands in its document, {@link mostCounted} at most; 0 where the corpus does
 * not say so (version 2 of the format).
 */
export const wordCount = ({ flags }: Pick<Document, 'flags'>, token: number): number => flags[token] >>> shift

/** Writes into the flags of a document how often each of its words stands in it: the same pieces, as one whole word. */
export function writeWordCounts(ids: Uint32Array, flags: Uint8Array): void {
  const { length } = ids
  // The pieces of all words are the edges of a tree, so a word is known by the node at which it ends.
  const edges = createEdgeTable(Math.min(length, 1024))
  const nodes = new Int32Array(length)
  const counts = new Uint8Array(length + 1)
  for (let token = 0; token < length; ) {
    const start = token
    let node = 0
    do node = edges.add(node, ids[token++])
    while (token < length && !(flags[token] & TokenFlag.wordStart))
    nodes[start] = node
    if (counts[node] < mostCounted) counts[node]++
  }
  for (let token = 0; token < length; token++) flags[token] |= counts[nodes[token]] << shift
}
