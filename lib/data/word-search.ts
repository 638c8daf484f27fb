import type { Vocabulary } from '../tokenizer/vocabulary.ts'
import { type Corpus, type Document, TokenFlag } from './corpus.ts'
import type { Input, InputSpan } from './task.ts'
import { mostCounted, wordCount } from './word-counts.ts'

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
 * Finds the words of an input in the rest of their documents: a word of which the document has more than the input has of
 * them, as `prepare` has counted. Where the count does not tell (none in the corpus, or as many in the input as are
 * counted at most), one pass over the rest serves all words that are left, and ends with the last one that is found.
 * Memory depends on the vocabulary and the longest input only.
 *
 * @param shortest documents with fewer tokens count as having nothing outside
 */
export function createWordSearch(vocabulary: Vocabulary, shortest = 0): WordSearch {
  // The words of an input are in lists by their first piece, each once. A word's entry is its first position, never 0.
  const first = new Int16Array(vocabulary.size)
  /** 1 where `first` has a word that is looked for in the rest: a byte a piece stays in the nearest cache. */
  const pending = new Uint8Array(vocabulary.size)
  let next = new Int16Array(0)
  let lengths = new Int16Array(0)
  /**
   * How often the word of an entry stands in the part of its document that the input has, where that is cut included; -1
   * where the input has another word in its place.
   */
  let places = new Int16Array(0)
  let left = 0

  function enter(ids: Int32Array, entry: number): void {
    next[entry] = first[ids[entry]]
    first[ids[entry]] = entry
  }

  /** The entry of the word that begins at `token` of the document, 0 for none. */
  function entryOf(ids: Int32Array, { tokens, flags }: Document, token: number): number {
    let entry = first[tokens[token]]
    while (entry !== 0 && !isWord(ids, entry, lengths[entry], tokens, flags, token, tokens.length))
      entry = next[entry]
    return entry
  }

  /** Puts the whole words of a span into the lists. `entries` tells the entry of the word at a position. */
  function add({ ids, words }: Input, span: InputSpan, document: Document, entries: Int16Array): void {
    const { flags, tokens } = document
    const { start, end, position } = span
    const limit = position + end - start
    for (let from = position, to = position; from < limit; from = to) {
      let isKnown = true
      let isChanged = false
      do {
        isKnown = ids[to] !== vocabulary.unknown && isKnown
        isChanged = ids[to] !== tokens[start + to - position] || isChanged
      } while (++to < limit && words[to] === words[from])
      if (!isKnown) continue
      if (from === position && !(flags[start] & TokenFlag.wordStart)) continue
      if (to === limit && end < tokens.length && !(flags[end] & TokenFlag.wordStart)) continue
      const known = isChanged ? 0 : entryOf(ids, document, start + from - position)
      entries[from] = known || from
      if (known > 0) continue
      lengths[from] = to - from
      places[from] = isChanged ? -1 : 0
      if (!isChanged) enter(ids, from)
    }
  }

  /** Counts the places of the words in the lists. @param spans in the order of the document; they may overlap */
  function countPlaces(ids: Int32Array, spans: readonly InputSpan[], document: Document): void {
    const { flags, tokens } = document
    let counted = 0
    for (const { start, end } of spans) {
      let token = Math.max(start, counted)
      while (token > counted && !(flags[token] & TokenFlag.wordStart)) token--
      while (token < end) {
        const entry = entryOf(ids, document, token)
        if (entry > 0) places[entry]++
        do token++
        while (token < tokens.length && !(flags[token] & TokenFlag.wordStart))
      }
      counted = token
    }
  }

  /** Looks for the words of `wanted` in the gaps. The lists are empty before and after. */
  function search(
    ids: Int32Array,
    document: Document,
    gaps: readonly [number, number][],
    wanted: readonly number[],
    found: Int8Array,
  ): void {
    left = wanted.length
    for (const entry of wanted) {
      enter(ids, entry)
      pending[ids[entry]] = 1
    }
    for (const [start, end] of gaps) scan(ids, document, start, end, found)
    for (const entry of wanted) {
      first[ids[entry]] = 0
      pending[ids[entry]] = 0
    }
  }

  /** Takes out of the lists what occurs in tokens `start` to `end - 1` of the document. */
  function scan(ids: Int32Array, document: Document, start: number, end: number, found: Int8Array): void {
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

  return {
    find(input, corpus) {
      const { ids } = input
      const found = new Int8Array(ids.length).fill(Occurrence.unknown)
      const entries = new Int16Array(ids.length)
      if (next.length < ids.length) {
        next = new Int16Array(ids.length)
        lengths = new Int16Array(ids.length)
        places = new Int16Array(ids.length)
      }
      for (const spans of byDocument(input.spans)) {
        const document = corpus.document(spans[0].document)
        const gaps = gapsBetween(spans, document.tokens.length)
        if (gaps.length === 0 || document.tokens.length < shortest) continue
        for (const span of spans) add(input, span, document, entries)
        countPlaces(ids, spans, document)
        const wanted: number[] = []
        for (const { start, end, position } of spans) {
          for (let entry = position; entry < position + end - start; entry++) {
            if (entries[entry] !== entry) continue
            const count = wordCount(document, start + entry - position)
            const inside = places[entry]
            const tells = inside >= 0 && count > 0 && (count < mostCounted || inside < mostCounted)
            if (!tells) wanted.push(entry)
            found[entry] = tells && count > inside ? Occurrence.elsewhere : Occurrence.inside
            first[ids[entry]] = 0
          }
        }
        if (wanted.length > 0) search(ids, document, gaps, wanted, found)
      }
      for (let position = 0; position < ids.length; position++) {
        if (entries[position] > 0) found[position] = found[entries[position]]
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

/** The spans of each document, in its order. */
function byDocument(spans: readonly InputSpan[]): InputSpan[][] {
  const groups: InputSpan[][] = []
  for (const span of spans) {
    const group = groups.find(([{ document }]) => document === span.document)
    if (group) group.push(span)
    else groups.push([span])
  }
  for (const group of groups) group.sort((a, b) => a.start - b.start)
  return groups
}

/** Starts and ends of what the spans, in the order of the document, leave of its `length` tokens. */
function gapsBetween(spans: readonly InputSpan[], length: number): [number, number][] {
  const gaps: [number, number][] = []
  let from = 0
  for (const { start, end } of spans) {
    if (start > from) gaps.push([from, start])
    from = Math.max(from, end)
  }
  if (from < length) gaps.push([from, length])
  return gaps
}
