/**
 * Pieces learned from counted words in the plainest way: all pairs are counted anew after every merge. The alphabet and
 * the pieces learned, in order, without special ones.
 */
export function naivePieces(
  counted: ReadonlyMap<string, number>,
  { size, minCount, alphabet }: { size: number; minCount: number; alphabet: number },
): string[] {
  const code = (character: string) => character.codePointAt(0) as number
  const occurrences = new Map<string, number>()
  for (const [word, count] of counted) {
    for (const character of word) occurrences.set(character, (occurrences.get(character) ?? 0) + count)
  }
  const kept = [...occurrences]
    .sort(([a, m], [b, n]) => n - m || code(a) - code(b))
    .slice(0, alphabet)
    .map(([character]) => character)
  const words = [...counted]
    .filter(([word]) => [...word].every((character) => kept.includes(character)))
    .map(([word, count]) => ({
      pieces: [...word].map((character, index) => (index === 0 ? character : `##${character}`)),
      count,
    }))
  const continuing = kept.filter((character) =>
    words.some(({ pieces }) => pieces.includes(`##${character}`) && pieces.length > 1),
  )
  const byCode = (a: string, b: string) => code(a) - code(b)
  const pieces = [...kept.sort(byCode), ...continuing.sort(byCode).map((character) => `##${character}`)]

  while (pieces.length < size) {
    const pairs = new Map<string, { first: string; second: string; count: number }>()
    for (const word of words) {
      for (let i = 1; i < word.pieces.length; i++) {
        const [first, second] = word.pieces.slice(i - 1, i + 1)
        const pair = pairs.get(`${first} ${second}`) ?? { first, second, count: 0 }
        pair.count += word.count
        pairs.set(`${first} ${second}`, pair)
      }
    }
    const [best] = [...pairs.values()].sort(
      (a, b) =>
        b.count - a.count ||
        pieces.indexOf(a.first) - pieces.indexOf(b.first) ||
        pieces.indexOf(a.second) - pieces.indexOf(b.second),
    )
    if (best === undefined || best.count < minCount) break
    const { first, second } = best
    const joined = first + second.slice(2)
    pieces.push(joined)
    for (const word of words) {
      for (let i = 0; i + 1 < word.pieces.length; i++) {
        if (word.pieces[i] === first && word.pieces[i + 1] === second) word.pieces.splice(i, 2, joined)
      }
    }
  }
  return pieces
}

/** Occurrences of each word. */
export function naiveCounts(words: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
