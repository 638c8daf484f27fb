import { Unit, units } from '../tokenizer/normalize.ts'
import type { TextAnnotation } from './annotate/annotator.ts'

/** A paragraph's sentences and annotation with every boundary at a place where WordPiece may be cut. */
export interface Cuts extends TextAnnotation {
  /** All boundaries, ascending, the last being the text's length. */
  places: { at: number; endsSentence: boolean }[]
}

/**
 * Moves the boundaries of an annotation to the nearest places between words of WordPiece: a span grows to the words that
 * it begins and ends in, a word that begins inside another is none. Of spans that then meet, the earlier one stays, and
 * no span passes the end of a sentence.
 */
export function createCuts(text: string, sentenceEnds: readonly number[], annotation: TextAnnotation): Cuts {
  const phrases = moveSpans(text, sentenceEnds, annotation.phrases)
  const entities = moveSpans(text, sentenceEnds, annotation.entities)
  const words = annotation.words && [
    ...new Set([0, ...sentenceEnds, ...annotation.words.filter((word) => isBetweenWords(text, word))]),
  ]
  words?.sort((a, b) => a - b)
  if (words?.at(-1) === text.length) words.pop()
  const ends = new Set(sentenceEnds)
  const all = new Set([...ends, ...phrases, ...entities, ...(words ?? [])])
  all.delete(0)
  const places = [...all].sort((a, b) => a - b).map((at) => ({ at, endsSentence: ends.has(at) }))
  return { places, words, phrases, entities }
}

function moveSpans(text: string, sentenceEnds: readonly number[], spans: readonly number[]): number[] {
  const moved: number[] = []
  let sentence = 0
  for (let index = 0; index < spans.length; index += 2) {
    let [start, end] = [spans[index], spans[index + 1]]
    while (start > 0 && !isBetweenWords(text, start)) start--
    while (end < text.length && !isBetweenWords(text, end)) end++
    while (sentenceEnds[sentence] <= start) sentence++
    end = Math.min(end, sentenceEnds[sentence])
    if (start < (moved.at(-1) ?? 0) || end <= start) continue
    moved.push(start, end)
  }
  return moved
}

/** Whether the text can be cut at `index` without cutting a word: a blank, a mark or an ideograph is on one side. */
function isBetweenWords(text: string, index: number): boolean {
  if (index <= 0 || index >= text.length) return true
  return units[text.charCodeAt(index - 1)] >= Unit.blank || units[text.charCodeAt(index)] >= Unit.blank
}
