import type { PairTable } from './pair-table.ts'

/** Pairs by count: the commonest first; of those equally common the one whose pieces are older, the first one before. */
export interface PairQueue {
  /** Adds a pair, whose count may only shrink from now on. */
  add(pair: number): void
  /** Takes out the commonest pair; -1 when no pair has a count above 0. */
  take(): number
}

/**
 * A binary heap ordered by the counts that pairs had when they were last looked at, which are never below their counts
 * now: the one at the top sinks until its count is what it stands there for.
 */
export function createPairQueue(pairs: PairTable): PairQueue {
  const heap: number[] = []
  /** By pair: the count it stands in the heap for. */
  const seenCounts: number[] = []

  const before = (a: number, b: number) => {
    if (seenCounts[a] !== seenCounts[b]) return seenCounts[a] > seenCounts[b]
    if (pairs.first[a] !== pairs.first[b]) return pairs.first[a] < pairs.first[b]
    return pairs.second[a] < pairs.second[b]
  }
  /** Lets a pair sink into the heap from the top, which is free. */
  const sink = (pair: number) => {
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++
      if (!before(heap[child], pair)) break
      heap[place] = heap[child]
      place = child
    }
    heap[place] = pair
  }
  const removeTop = () => {
    const last = heap.pop() as number
    if (heap.length > 0) sink(last)
  }

  return {
    add(pair) {
      seenCounts[pair] = pairs.counts[pair]
      let place = heap.length
      while (place > 0) {
        const parent = (place - 1) >> 1
        if (!before(pair, heap[parent])) break
        heap[place] = heap[parent]
        place = parent
      }
      heap[place] = pair
    },
    take() {
      while (heap.length > 0) {
        const pair = heap[0]
        const count = pairs.counts[pair]
        if (count === 0) {
          removeTop()
        } else if (count < seenCounts[pair]) {
          seenCounts[pair] = count
          sink(pair)
        } else {
          removeTop()
          return pair
        }
      }
      return -1
    },
  }
}
