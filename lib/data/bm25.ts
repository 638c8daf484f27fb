/** Texts found by the words they share with a query. */
export interface Bm25 {
  /**
   * The texts most like a query, best first, those of equal score in their order; only texts that share a term with it.
   *
   * @param accept whether a text may be among them
   */
  search(query: string, count: number, accept?: (text: number) => boolean): { text: number; score: number }[]
}

interface Posting {
  text: number
  frequency: number
}

/**
 * An inverted index with the scores of BM25 (Robertson and Zaragoza, 2009, "The Probabilistic Relevance Framework",
 * equation 3.15) and the weight ln(1 + (N - n + 0.5) / (n + 0.5)) for a term in n of N texts, which is never negative
 * (as in Lucene). All in memory: about 30 bytes for each different term of a text.
 */
export function createBm25(texts: readonly string[], { k1 = 1.2, b = 0.75 } = {}): Bm25 {
  const postings = new Map<string, Posting[]>()
  const lengths = new Float64Array(texts.length)
  for (const [text, content] of texts.entries()) {
    const terms = searchTerms(content)
    lengths[text] = terms.length
    for (const [term, frequency] of frequencies(terms)) {
      const list = postings.get(term)
      if (list) list.push({ text, frequency })
      else postings.set(term, [{ text, frequency }])
    }
  }
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / texts.length

  return {
    search(query, count, accept = () => true) {
      const scores = new Map<number, number>()
      for (const [term, times] of frequencies(searchTerms(query))) {
        const list = postings.get(term) ?? []
        const weight = times * Math.log(1 + (texts.length - list.length + 0.5) / (list.length + 0.5))
        for (const { text, frequency } of list) {
          const saturation = frequency + k1 * (1 - b + (b * lengths[text]) / meanLength)
          scores.set(text, (scores.get(text) ?? 0) + (weight * frequency * (k1 + 1)) / saturation)
        }
      }
      return Array.from(scores, ([text, score]) => ({ text, score }))
        .filter(({ text }) => accept(text))
        .sort((a, b) => b.score - a.score || a.text - b.text)
        .slice(0, count)
    },
  }
}

const runs = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu

/** Words in small letters; of ideographs each two that stand together, or a single one that stands alone. */
export function searchTerms(text: string): string[] {
  const terms: string[] = []
  for (const [run] of text.toLowerCase().matchAll(runs)) {
    const characters = [...run]
    if (!/^\p{Script=Han}/u.test(run) || characters.length === 1) terms.push(run)
    else
      for (let index = 1; index < characters.length; index++)
        terms.push(characters[index - 1] + characters[index])
  }
  return terms
}

function frequencies(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  return counts
}
