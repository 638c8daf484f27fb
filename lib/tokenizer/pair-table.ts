/** Pairs of neighbouring pieces with their counts and the words they occur in. */
export interface PairTable {
  /** Number of pairs; a pair is known by its index. */
  size: number
  first: Int32Array
  second: Int32Array
  /** Occurrences in the text, to be kept by the user of the table. */
  counts: Float64Array
  /** Index of a pair, which is added when it is new; that may replace the arrays, so ask before reading them. */
  indexOf(first: number, second: number): number
  /** Notes that a pair occurs in a word. */
  addWord(pair: number, word: number): void
  /** Calls `visit` with the words noted for a pair, one perhaps several times, and forgets them. */
  takeWords(pair: number, visit: (word: number) => void): void
}

/**
 * An open-addressed hash table of pairs; the words of a pair are a linked list in arrays shared by all pairs, whose
 * places are used again.
 */
export function createPairTable(): PairTable {
  let slots = new Int32Array(2 ** 9).fill(-1)
  let heads = new Int32Array(2 ** 8).fill(-1)
  let nodeWords = new Int32Array(2 ** 9)
  let nodeNexts = new Int32Array(2 ** 9)
  let nodes = 0
  let free = -1

  const table: PairTable = {
    size: 0,
    first: new Int32Array(heads.length),
    second: new Int32Array(heads.length),
    counts: new Float64Array(heads.length),
    indexOf(first, second) {
      let slot = slotOf(first, second)
      if (slots[slot] >= 0) return slots[slot]
      if (table.size === heads.length) {
        grow()
        slot = slotOf(first, second)
      }
      const pair = table.size++
      slots[slot] = pair
      table.first[pair] = first
      table.second[pair] = second
      return pair
    },
    addWord(pair, word) {
      let node = free
      if (node >= 0) {
        free = nodeNexts[node]
      } else {
        node = nodes++
        if (node === nodeWords.length) {
          nodeWords = enlarged(nodeWords)
          nodeNexts = enlarged(nodeNexts)
        }
      }
      nodeWords[node] = word
      nodeNexts[node] = heads[pair]
      heads[pair] = node
    },
    takeWords(pair, visit) {
      let node = heads[pair]
      heads[pair] = -1
      while (node >= 0) {
        const next = nodeNexts[node]
        nodeNexts[node] = free
        free = node
        visit(nodeWords[node])
        node = next
      }
    },
  }

  /** The slot of a pair, or the free slot where it belongs. */
  const slotOf = (first: number, second: number) => {
    const last = slots.length - 1
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35)
    let slot = (hash ^ (hash >>> 13)) & last
    for (let pair = slots[slot]; pair >= 0; pair = slots[slot]) {
      if (table.first[pair] === first && table.second[pair] === second) break
      slot = (slot + 1) & last
    }
    return slot
  }
  const grow = () => {
    table.first = enlarged(table.first)
    table.second = enlarged(table.second)
    const counts = new Float64Array(table.counts.length * 2)
    counts.set(table.counts)
    table.counts = counts
    heads = enlarged(heads).fill(-1, table.size)
    slots = new Int32Array(slots.length * 2).fill(-1)
    for (let pair = 0; pair < table.size; pair++) {
      slots[slotOf(table.first[pair], table.second[pair])] = pair
    }
  }
  return table
}

/** A copy with room for twice as many. */
function enlarged(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
