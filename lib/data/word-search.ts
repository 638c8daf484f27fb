import type { Vocabulary } from '../tokenizer/vocabulary.ts'
import { type Corpus, type Document, TokenFlag } from './corpus.ts'
import type { Input, InputSpan } from './task.ts'

/** What is known of the word that begins at a position. */
export const Occurrence = {
  /** It has an unknown piece, or the input cuts it; no word begins there; or nothing of its document is outside. */
  unknown: -1,
  inside: 0,
  elsewhere: 1,
} as const

export interface WordSearch {
  /**
   * For each position of an input at which a word begins, whether the word also occurs in its document outside of all
   * the text that the input has of it: the same pieces, as one whole word. Other positions are `unknown`.
   */
  find(input: Input, corpus: Corpus): Int8Array
}

/**
 * Finds the words of an input in the rest of their documents. One pass over the rest of a document serves all words, and
 * ends with the last one that is found; memory depends on the vocabulary and the longest input only.
 *
 * @param shortest documents with fewer tokens count as having nothing outside
 */
export function createWordSearch(vocabulary: Vocabulary, shortest = 0): WordSearch {
  // Words looked for are in lists by their first piece. A word's entry is its first position, which is never 0.
  const first = new Int16Array(vocabulary.size)
  /** 1 where `first` has a list: a byte a piece stays in the nearest cache. */
  const pending = new Uint8Array(vocabulary.size)
  let next = new Int16Array(0)
  let lengths = new Int16Array(0)
  let left = 0

  /** Puts the whole words of a span into the lists. */
  function add({ ids, words }: Input, span: InputSpan, { flags, tokens }: Document, found: Int8Array): void {
    const { start, end, position } = span
    const limit = position + end - start
    for (let from = position, to = position; from < limit; from = to) {
      let isKnown = true
      do isKnown = ids[to++] !== vocabulary.unknown && isKnown
      while (to < limit && words[to] === words[from])
      if (!isKnown) continue
      if (from === position && !(flags[start] & TokenFlag.wordStart)) continue
      if (to === limit && end < tokens.length && !(flags[end] & TokenFlag.wordStart)) continue
      found[from] = Occurrence.inside
      lengths[from] = to - from
      next[from] = first[ids[from]]
      first[ids[from]] = from
      pending[ids[from]] = 1
      left++
    }
  }

  /** Takes out of the lists what occurs in tokens `start` to `end - 1` of the document. */
  function scan({ ids }: Input, document: Document, start: number, end: number, found: Int8Array): void {
    const { tokens } = document
    const table = pending
    let token = start
    while (token < end && left > 0) {
      // Nearly all that is left to look at is passed here.
      while (
        token + 4 <= end &&
        (table[tokens[token]] |
          table[tokens[token + 1]] |
          table[tokens[token + 2]] |
          table[tokens[token + 3]]) ===
          0
      )
        token += 4
      for (const stop = Math.min(token + 4, end); token < stop; token++) {
        if (table[tokens[token]] === 1) takeOut(ids, document, token, end, found)
      }
    }
  }

  /** Takes the words that stand at `token` of the document out of the list of their first piece. */
  function takeOut(ids: Int32Array, document: Document, token: number, end: number, found: Int8Array): void {
    const { tokens, flags } = document
    if (!(flags[token] & TokenFlag.wordStart)) return
    const piece = tokens[token]
    for (let entry = first[piece], before = 0; entry !== 0; entry = next[entry]) {
      if (!isWord(ids, entry, lengths[entry], tokens, flags, token, end)) {
        before = entry
        continue
      }
      found[entry] = Occurrence.elsewhere
      left--
      if (before === 0) first[piece] = next[entry]
      else next[before] = next[entry]
    }
    pending[piece] = first[piece] === 0 ? 0 : 1
  }

  function clear({ ids }: Input, spans: readonly InputSpan[]): void {
    for (const { start, end, position } of spans) {
      for (let at = position; at < position + end - start; at++) {
        first[ids[at]] = 0
        pending[ids[at]] = 0
      }
    }
    left = 0
  }

  return {
    find(input, corpus) {
      const { length } = input.ids
      const found = new Int8Array(length).fill(Occurrence.unknown)
      if (next.length < length) {
        next = new Int16Array(length)
        lengths = new Int16Array(length)
      }
      for (const spans of byDocument(input.spans)) {
        const document = corpus.document(spans[0].document)
        const gaps = gapsBetween(spans, document.tokens.length)
        if (gaps.length === 0 || document.tokens.length < shortest) continue
        for (const span of spans) add(input, span, document, found)
        for (const [start, end] of gaps) scan(input, document, start, end, found)
        clear(input, spans)
      }
      return found
    },
  }
}

/** Whether the word at `token` of the document, which must end by `end`, has the `length` pieces at `entry` of the input. */
function isWord(
  ids: Int32Array,
  entry: number,
  length: number,
  tokens: Document['tokens'],
  flags: Uint8Array,
  token: number,
  end: number,
): boolean {
  const after = token + length
  if (after > end) return false
  for (let piece = 1; piece < length; piece++) {
    if (tokens[token + piece] !== ids[entry + piece] || flags[token + piece] & TokenFlag.wordStart)
      return false
  }
  return after === tokens.length || (flags[after] & TokenFlag.wordStart) !== 0
}

function byDocument(spans: readonly InputSpan[]): InputSpan[][] {
  const groups: InputSpan[][] = []
  for (const span of spans) {
    const group = groups.find(([{ document }]) => document === span.document)
    if (group) group.push(span)
    else groups.push([span])
  }
  return groups
}

/** Starts and ends of what the spans, in any order, leave of a document of `length` tokens. */
function gapsBetween(spans: readonly InputSpan[], length: number): [number, number][] {
  const gaps: [number, number][] = []
  let from = 0
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (start > from) gaps.push([from, start])
    from = Math.max(from, end)
  }
  if (from < length) gaps.push([from, length])
  return gaps
}
