import type { Vocabulary } from '../tokenizer/vocabulary.ts'
import { type Corpus, type Document, TokenFlag } from './corpus.ts'
import type { Input } from './task.ts'

/** A run of tokens of one document: `start` to `end - 1`, counted from the document's first token. */
export interface Span {
  document: Document
  start: number
  end: number
}

/**
 * `[CLS] span [SEP] span [SEP] …`, the segment type being the number of the span. Special tokens have no word, basic
 * unit, phrase or entity; units cut by the end of a span keep what is left of them.
 */
export function layOut(vocabulary: Vocabulary, spans: Span[], label?: number): Input {
  const length = spans.reduce((sum, { start, end }) => sum + end - start + 1, 1)
  const input: Input = {
    ids: new Int32Array(length),
    segments: new Int32Array(length),
    words: new Int32Array(length).fill(-1),
    basic: new Int32Array(length).fill(-1),
    capitals: new Uint8Array(length),
    phrases: new Int32Array(length).fill(-1),
    entities: new Int32Array(length).fill(-1),
    spans: [],
    label,
  }
  input.ids[0] = vocabulary.cls
  let position = 1
  const next = { word: -1, basic: -1, phrase: 0, entity: 0 }
  spans.forEach(({ document, start, end }, segment) => {
    const { tokens, flags } = document
    input.segments.fill(segment, position, position + end - start + 1)
    input.spans.push({ document: document.index, start, end, position })
    next.phrase += markSpans(input.phrases, document.phrases, { start, end, position, first: next.phrase })
    next.entity += markSpans(input.entities, document.entities, { start, end, position, first: next.entity })
    for (let token = start; token < end; token++, position++) {
      const flag = flags[token]
      if (token === start || flag & TokenFlag.wordStart) next.word++
      if (token === start || flag & TokenFlag.basicStart) next.basic++
      input.ids[position] = tokens[token]
      input.words[position] = next.word
      input.basic[position] = next.basic
      if (flag & TokenFlag.capital) input.capitals[position] = 1
    }
    input.ids[position++] = vocabulary.sep
  })
  return input
}

/**
 * Numbers the tokens of `marks` that lie in spans of a document (first token, end, first token, …), from `first`; the
 * document's tokens `start` to `end - 1` stand at `position`. Returns how many spans that were.
 */
function markSpans(
  marks: Int32Array,
  spans: Uint32Array,
  { start, end, position, first }: { start: number; end: number; position: number; first: number },
): number {
  let low = 0
  let high = spans.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if (spans[2 * middle + 1] <= start) low = middle + 1
    else high = middle
  }
  let count = 0
  for (let index = 2 * low; index < spans.length && spans[index] < end; index += 2) {
    const from = Math.max(spans[index], start)
    const to = Math.min(spans[index + 1], end)
    marks.fill(first + count++, position + from - start, position + to - start)
  }
  return count
}

/** The document that holds a token of the corpus, and the token's place in it. */
export function placeOf(corpus: Corpus, token: number): { document: Document; token: number } {
  const index = corpus.documentAt(token)
  return { document: corpus.document(index), token: token - corpus.documentStart(index) }
}

/** The sentence that holds a token of the document. */
export function sentenceAt(document: Document, token: number): number {
  const { sentences } = document
  let low = 0
  let high = sentences.length - 1
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (sentences[middle] <= token) low = middle
    else high = middle
  }
  return low
}

function wordStartAt(document: Document, token: number): number {
  let start = token
  while (start > 0 && !(document.flags[start] & TokenFlag.wordStart)) start--
  return start
}

/** The first tokens of a span, at most `count`, cut between words unless its first word alone is longer. */
export function firstTokens({ document, start, end }: Span, count: number): Span {
  if (end - start <= count) return { document, start, end }
  let cut = start + count
  while (cut > start && !(document.flags[cut] & TokenFlag.wordStart)) cut--
  return { document, start, end: cut > start ? cut : start + count }
}

/** The last tokens of a span, at most `count`, cut between words unless its last word alone is longer. */
export function lastTokens({ document, start, end }: Span, count: number): Span {
  if (end - start <= count) return { document, start, end }
  let cut = end - count
  while (cut < end && !(document.flags[cut] & TokenFlag.wordStart)) cut++
  return { document, start: cut < end ? cut : end - count, end }
}

/**
 * The text around a token that fills an input without segments: from the start of the token's sentence, or earlier
 * where the document would end before `capacity` tokens; whole sentences, unless the first alone is longer.
 */
export function textAt(document: Document, token: number, capacity: number): Span {
  const { sentences, tokens } = document
  const length = tokens.length
  const sentence = sentenceAt(document, token)
  // Inside a sentence longer than an input every window has its own text.
  let start = sentences[sentence]
  if (token - start >= capacity) start = wordStartAt(document, token)
  const latest = Math.max(length - capacity, 0)
  if (start > latest) {
    const before = sentenceAt(document, latest)
    start = Math.min(start, sentences[before] === latest ? latest : sentences[before + 1])
  }
  const limit = start + capacity
  const end = limit >= length ? length : sentences[sentenceAt(document, limit)]
  return end > start ? { document, start, end } : firstTokens({ document, start, end: length }, capacity)
}
