import type { Annotator, TextAnnotation } from '../../lib/data/annotate/annotator.ts'
import { wordBounds } from '../../lib/data/annotate/words.ts'

/** Annotates one paragraph by itself. */
export const oneByOne =
  (annotate: Annotator) =>
  (text: string, sentenceEnds: readonly number[]): TextAnnotation =>
    annotate([{ text, sentenceEnds }])[0]

/** The text with its spans in brackets. */
export function bracketed(text: string, spans: readonly number[]): string {
  let marked = ''
  let from = 0
  for (let index = 0; index < spans.length; index += 2) {
    marked += `${text.slice(from, spans[index])}[${text.slice(spans[index], spans[index + 1])}]`
    from = spans[index + 1]
  }
  return marked + text.slice(from)
}

/** What is wrong with an annotation, whatever the text means; empty when all is well. */
export function flaws(text: string, sentenceEnds: readonly number[], annotation: TextAnnotation): string[] {
  const found: string[] = []
  const bounds = wordBounds(text)
  const starts = new Set(bounds.filter((_, index) => index % 2 === 0))
  const ends = new Set(bounds.filter((_, index) => index % 2 === 1))
  for (const kind of ['phrases', 'entities'] as const) {
    const spans = annotation[kind]
    if (spans.length % 2 === 1) found.push(`${kind}: an end is missing`)
    for (let index = 0; index < spans.length; index += 2) {
      const [start, end] = [spans[index], spans[index + 1]]
      const what = `${kind} ${start} to ${end} (${text.slice(start, end)})`
      if (!(start >= (spans[index - 1] ?? 0) && start < end && end <= text.length))
        found.push(`${what}: order`)
      if (!starts.has(start) || !ends.has(end)) found.push(`${what}: cuts a word`)
      if (sentenceEnds.some((sentence) => start < sentence && sentence < end))
        found.push(`${what}: crosses a sentence`)
      if (annotation.words?.every((word) => word !== start)) found.push(`${what}: begins inside a word`)
    }
  }
  for (const [index, start] of (annotation.words ?? []).entries()) {
    if (index > 0 && start <= annotation.words![index - 1]) found.push(`word ${start}: order`)
    if (!starts.has(start)) found.push(`word ${start}: begins inside a word`)
  }
  return found
}
