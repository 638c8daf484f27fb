/** Words as sequences of the pieces of one character, in flat arrays; words of one character are left out. */
export interface SplitWords {
  /**
   * Pieces of one character: first those that begin a word, then those that continue one (`##`), each by code point.
   * A character that only continues words is in both lists.
   */
  alphabet: string[]
  /** Different characters that are in the alphabet, and that the words have. */
  characters: { kept: number; found: number }
  /** Index in `alphabet` of each character of each word. */
  symbols: Int32Array
  /** Where in `symbols` each word begins, and at last the end: int32 [words + 1]. */
  starts: Int32Array
  /** Occurrences of each word. */
  counts: Float64Array
}

/**
 * Chooses the alphabet of some counted words, the `mostCharacters` commonest characters (of those equally common, the
 * smaller code points), and cuts the words into it. A word with any other character will be `[UNK]`, so it is left out.
 */
export function splitWords(counts: ReadonlyMap<string, number>, mostCharacters: number): SplitWords {
  const occurrences = new Map<number, number>()
  for (const [word, count] of counts) {
    for (const code of codePoints(word)) occurrences.set(code, (occurrences.get(code) ?? 0) + count)
  }
  const kept = [...occurrences]
    .sort(([a, m], [b, n]) => n - m || a - b)
    .slice(0, mostCharacters)
    .map(([code]) => code)
    .sort((a, b) => a - b)
  const beginIds = new Map(kept.map((code, id) => [code, id]))

  /** Code points of each word to be cut, and how often it occurs. */
  function* coveredWords(): Generator<[number[], number]> {
    for (const [word, count] of counts) {
      const codes = codePoints(word)
      if (codes.length > 1 && codes.every((code) => beginIds.has(code))) yield [codes, count]
    }
  }
  const continuing = new Set<number>()
  let words = 0
  let length = 0
  for (const [codes] of coveredWords()) {
    for (let index = 1; index < codes.length; index++) continuing.add(codes[index])
    words++
    length += codes.length
  }
  const continuingInOrder = [...continuing].sort((a, b) => a - b)
  const continueIds = new Map(continuingInOrder.map((code, index) => [code, kept.length + index]))

  const symbols = new Int32Array(length)
  const starts = new Int32Array(words + 1)
  const wordCounts = new Float64Array(words)
  let word = 0
  let end = 0
  for (const [codes, count] of coveredWords()) {
    codes.forEach((code, index) => {
      symbols[end++] = (index === 0 ? beginIds : continueIds).get(code) as number
    })
    wordCounts[word++] = count
    starts[word] = end
  }
  return {
    alphabet: [
      ...kept.map((code) => String.fromCodePoint(code)),
      ...continuingInOrder.map((code) => `##${String.fromCodePoint(code)}`),
    ],
    characters: { kept: kept.length, found: occurrences.size },
    symbols,
    starts,
    counts: wordCounts,
  }
}

function codePoints(word: string): number[] {
  const codes: number[] = []
  for (let index = 0; index < word.length; index++) {
    const code = word.codePointAt(index) as number
    if (code > 0xffff) index++
    codes.push(code)
  }
  return codes
}
