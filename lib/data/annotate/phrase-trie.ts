import { createEdgeTable } from './edge-table.ts'
import type { Spans } from './spans.ts'
import { wordBounds } from './words.ts'

/** Entries of a user's dictionary, found by their words. */
export interface PhraseTrie {
  /** Adds an entry of one word or more. */
  add(entry: string): void
  /**
   * The entries in a text, from the left, the longest first, none beyond a sentence end.
   *
   * @param bounds the words of the text, see {@link wordBounds}
   */
  match(text: string, bounds: readonly number[], sentenceEnds: readonly number[]): Spans
}

const upper = /[\p{Lu}\p{Lt}]/u

/**
 * An entry is compared word by word, with the words of BERT's pre-tokeniser; blanks must stand where the entry has
 * blanks, and any number of them. An entry with an upper-case letter matches in exactly this spelling, another one in
 * any case. The words and the edges of the tree are numbered, so 100,000 entries take some megabytes.
 */
export function createPhraseTrie(): PhraseTrie {
  const numbers = new Map<string, number>()
  /** From a node and a word to the next node. The root is node 0. */
  const edges = createEdgeTable()
  /** Nodes where entries end: their exact spellings, or null for any case. */
  const ends = new Map<number, Set<string> | null>()

  return {
    add(entry) {
      const bounds = wordBounds(entry)
      let node = 0
      for (const [index, word] of folded(entry, bounds).entries()) {
        let number = numbers.get(word)
        if (number === undefined) {
          number = numbers.size + 1
          numbers.set(word, number)
        }
        node = edges.add(node, label(number, hasBlank(bounds, index)))
      }
      if (!upper.test(entry)) {
        ends.set(node, null)
      } else if (ends.get(node) !== null) {
        ends.set(node, (ends.get(node) ?? new Set()).add(spelling(entry, bounds, 0, bounds.length / 2)))
      }
    },

    match(text, bounds, sentenceEnds) {
      const spans: Spans = []
      const words = folded(text, bounds).map((word) => numbers.get(word) ?? 0)
      let sentence = 0
      for (let first = 0; first < words.length; ) {
        while (sentenceEnds[sentence] <= bounds[2 * first]) sentence++
        const limit = sentenceEnds[sentence] ?? text.length
        let matched = 0
        let node = 0
        for (let index = first; words[index] > 0 && bounds[2 * index] < limit; index++) {
          node = edges.get(node, label(words[index], index > first && hasBlank(bounds, index)))
          if (node === 0) break
          const exact = ends.get(node)
          if (exact === null || exact?.has(spelling(text, bounds, first, index + 1))) matched = index + 1
        }
        if (matched > 0) spans.push(bounds[2 * first], bounds[2 * matched - 1])
        first = Math.max(matched, first + 1)
      }
      return spans
    },
  }
}

/** The words of a text in one case, an accented letter being one character. */
function folded(text: string, bounds: readonly number[]): string[] {
  const lower = text.toLowerCase()
  // Nearly always all words keep their places.
  const aligned = lower.length === text.length && text.normalize('NFC') === text
  const words: string[] = []
  for (let index = 0; index < bounds.length; index += 2) {
    words.push(
      aligned
        ? lower.slice(bounds[index], bounds[index + 1])
        : text
            .slice(bounds[index], bounds[index + 1])
            .normalize('NFC')
            .toLowerCase(),
    )
  }
  return words
}

/** The words from `first` to `last` as they are written, with one blank for any number. */
function spelling(text: string, bounds: readonly number[], first: number, last: number): string {
  let written = ''
  for (let index = first; index < last; index++) {
    if (index > first && hasBlank(bounds, index)) written += ' '
    written += text.slice(bounds[2 * index], bounds[2 * index + 1])
  }
  return written.normalize('NFC')
}

/** Label of the edge that a word makes, with or without a blank before it. */
function label(word: number, blank: boolean): number {
  return 2 * word + (blank ? 1 : 0)
}

/** Whether a blank stands before a word. */
function hasBlank(bounds: readonly number[], word: number): boolean {
  return word > 0 && bounds[2 * word] > bounds[2 * word - 1]
}
