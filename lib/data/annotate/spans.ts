/** Flat pairs start, end of spans: ascending, not overlapping. */
export type Spans = number[]

/** All of `strong`, and those of `weak` that overlap none of them. */
export function overlay(strong: Spans, weak: Spans): Spans {
  if (strong.length === 0) return weak
  const spans: Spans = []
  let next = 0
  for (let index = 0; index < weak.length; index += 2) {
    const [start, end] = [weak[index], weak[index + 1]]
    while (next < strong.length && strong[next + 1] <= start) spans.push(strong[next++], strong[next++])
    if (next >= strong.length || strong[next] >= end) spans.push(start, end)
  }
  while (next < strong.length) spans.push(strong[next++])
  return spans
}

/**
 * The word starts `words` and those that the ends of `spans` make, so that no span begins or ends inside a word.
 *
 * @param bounds pairs of the smallest words, which have all starts
 */
export function withEdges(words: readonly number[], spans: Spans, bounds: readonly number[]): number[] {
  const wanted = new Set(words)
  for (const edge of spans) wanted.add(edge)
  return bounds.filter((start, index) => index % 2 === 0 && wanted.has(start))
}
