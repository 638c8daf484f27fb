import { createPairQueue } from './pair-queue.ts'
import { createPairTable } from './pair-table.ts'
import type { SplitWords } from './split-words.ts'

/**
 * Learns pieces as HuggingFace's WordPieceTrainer does, by byte-pair encoding (Sennrich et al. 2016, algorithm 1) with
 * `##` before what continues a word: the pair of neighbours that occurs most in the text becomes a piece wherever it
 * stands, from left to right, again and again. Of pairs equally common, the one whose first piece is older is taken,
 * then whose second is.
 *
 * Only the words that have the pair are looked at, and only the counts around it change. What stands between two
 * boundaries of pieces was merged in the same way wherever it stands, because nothing was merged across them: so no two
 * pairs spell the same piece, and a pair that a merge makes has the new piece in it and was never counted before.
 *
 * @param words changed: holds the words in the pieces learned
 * @param size pieces to reach with the alphabet
 * @param minCount pairs that occur less often are not merged
 * @returns the alphabet and the pieces in the order in which they were learned
 */
export function mergePairs(
  words: SplitWords,
  { size, minCount, onPiece }: { size: number; minCount: number; onPiece?: (pieces: number) => void },
): string[] {
  const { symbols, starts, counts } = words
  const ends = starts.slice(1)
  const pieces = [...words.alphabet]
  const pairs = createPairTable()
  const queue = createPairQueue(pairs)

  for (let word = 0; word < ends.length; word++) {
    for (let index = starts[word] + 1; index < ends[word]; index++) {
      const pair = pairs.indexOf(symbols[index - 1], symbols[index])
      pairs.counts[pair] += counts[word]
      pairs.addWord(pair, word)
    }
  }
  for (let pair = 0; pair < pairs.size; pair++) queue.add(pair)

  /** Adds to the counts of the pairs of `word` whose second piece stands at `from` or behind it. */
  const addCounts = (word: number, from: number, count: number) => {
    for (let index = Math.max(from, starts[word] + 1); index < ends[word]; index++) {
      const pair = pairs.indexOf(symbols[index - 1], symbols[index])
      pairs.counts[pair] += count
    }
  }
  /** Puts `id` in the place of each (first, second) in `word`, and notes the word for the pairs that this makes. */
  const mergeIn = (word: number, first: number, second: number, id: number) => {
    let from = starts[word]
    const last = ends[word] - 1
    while (from < last && (symbols[from] !== first || symbols[from + 1] !== second)) from++
    if (from >= last) return
    addCounts(word, from, -counts[word])
    let end = from
    for (let index = from; index <= last; index++) {
      const found = index < last && symbols[index] === first && symbols[index + 1] === second
      symbols[end++] = found ? id : symbols[index]
      if (found) index++
    }
    ends[word] = end
    addCounts(word, from, counts[word])
    for (let index = Math.max(from, starts[word] + 1); index < end; index++) {
      if (symbols[index - 1] !== id && symbols[index] !== id) continue
      pairs.addWord(pairs.indexOf(symbols[index - 1], symbols[index]), word)
    }
  }

  while (pieces.length < size) {
    const best = queue.take()
    if (best < 0 || pairs.counts[best] < minCount) break
    const first = pairs.first[best]
    const second = pairs.second[best]
    const id = pieces.length
    pieces.push(pieces[first] + pieces[second].slice(2))
    const known = pairs.size
    pairs.takeWords(best, (word) => mergeIn(word, first, second, id))
    for (let pair = known; pair < pairs.size; pair++) queue.add(pair)
    onPiece?.(pieces.length)
  }
  return pieces
}
