import type { Vocabulary } from './vocabulary.ts'

/**
 * The pieces of a vocabulary as one tree of UTF-16 units, with a root for pieces that begin a word and one for those
 * that continue it (written without their `##`). Edges live in an open-addressed hash table of (node, unit), so a
 * longest match costs one table look-up a character and no string is made.
 */
export interface PieceTrie {
  /**
   * The longest piece at `text[start]` that ends at or before `end`, as its id; -1 when none fits. `matched` then
   * holds where it ends. With `fold` the units A to Z are read as a to z.
   */
  longest(text: string, start: number, end: number, continuing: boolean, fold: boolean): number
  matched: number
}

/** Multiplier of the edge hash: 2^32 / golden ratio, Knuth's choice. */
const spread = 0x9e3779b1

export function createPieceTrie(vocabulary: Vocabulary): PieceTrie {
  const units = vocabulary.tokens.reduce((sum, token) => sum + token.length, 0)
  const bits = Math.ceil(Math.log2(units * 2 + 16))
  const shift = 32 - bits
  const last = (1 << bits) - 1
  // An edge is node, unit, child, and the id of the piece that ends there: together, so that it costs one cache line.
  const edges = new Int32Array(4 << bits).fill(-1)
  let nodes = 2

  /** Where in `edges` an edge is, or the free place where it belongs. */
  const placeOf = (node: number, unit: number) => {
    let slot = Math.imul(Math.imul(node, 0x85ebca6b) ^ unit, spread) >>> shift
    while (edges[4 * slot] >= 0 && (edges[4 * slot] !== node || edges[4 * slot + 1] !== unit))
      slot = (slot + 1) & last
    return 4 * slot
  }
  const insert = (root: number, piece: string, id: number) => {
    let node = root
    let edge = 0
    for (let index = 0; index < piece.length; index++) {
      const unit = piece.charCodeAt(index)
      edge = placeOf(node, unit)
      if (edges[edge] < 0) {
        edges[edge] = node
        edges[edge + 1] = unit
        edges[edge + 2] = nodes++
      }
      node = edges[edge + 2]
    }
    edges[edge + 3] = id
  }
  vocabulary.tokens.forEach((token, id) => {
    if (token.length > 2 && token.startsWith('##')) insert(1, token.slice(2), id)
    else insert(0, token, id)
  })

  return {
    matched: 0,
    longest(text, start, end, continuing, fold) {
      let node = continuing ? 1 : 0
      let best = -1
      for (let index = start; index < end; index++) {
        let unit = text.charCodeAt(index)
        if (fold && unit <= 0x5a && unit >= 0x41) unit += 0x20
        const edge = placeOf(node, unit)
        if (edges[edge] < 0) break
        node = edges[edge + 2]
        if (edges[edge + 3] >= 0) {
          best = edges[edge + 3]
          this.matched = index + 1
        }
      }
      return best
    },
  }
}
