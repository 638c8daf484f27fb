import type { Document } from './corpus.ts'
import { firstTokens, lastTokens, type Span } from './layout.ts'

/** The two texts of a row of a corpus of pairs; null for a document of another form. */
export function textsOfPair(document: Document): [Span, Span] | null {
  const { sentences, paragraphs, tokens } = document
  if (paragraphs.length !== 3) return null
  const middle = sentences[paragraphs[1]]
  return [
    { document, start: 0, end: middle },
    { document, start: middle, end: tokens.length },
  ]
}

/**
 * Two texts, at most `capacity` tokens together. If they are longer, the longer one is cut, or both to half. Cuts are
 * between words, at the end of the second text and of the first, or at the beginning of the first where `keep` is
 * `'end'`: what is next to the second text is then kept.
 */
export function fitPair(
  first: Span,
  second: Span,
  capacity: number,
  keep: 'beginning' | 'end' = 'beginning',
): [Span, Span] {
  const lengths = [first.end - first.start, second.end - second.start]
  const half = capacity >>> 1
  const forSecond = Math.min(lengths[1], Math.max(half, capacity - lengths[0]))
  const cut = keep === 'end' ? lastTokens : firstTokens
  return [cut(first, capacity - forSecond), firstTokens(second, forSecond)]
}
