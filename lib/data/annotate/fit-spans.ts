import type { Spans } from './spans.ts'

/**
 * Makes spans begin and end with words and stay inside sentences: an end inside a word moves out to its edge (unless the
 * span before has that word), blanks at the ends are left out, and a span that crosses a sentence end becomes one span a
 * sentence. A span without a word vanishes.
 *
 * @param spans ascending, not overlapping
 * @param bounds words of the text, see {@link wordBounds}
 */
export function fitSpans(spans: Spans, bounds: readonly number[], sentenceEnds: readonly number[]): Spans {
  const fitted: Spans = []
  let word = 0
  let sentence = 0
  for (let index = 0; index < spans.length; index += 2) {
    const [start, end] = [spans[index], spans[index + 1]]
    while (word < bounds.length && bounds[word + 1] <= start) word += 2
    let open = false
    for (; word < bounds.length && bounds[word] < end; word += 2) {
      while (sentence < sentenceEnds.length && sentenceEnds[sentence] <= bounds[word]) {
        sentence++
        open = false
      }
      if (open) fitted[fitted.length - 1] = bounds[word + 1]
      else fitted.push(bounds[word], bounds[word + 1])
      open = true
    }
  }
  return fitted
}
