import type { ChineseWord } from './chinese-words.ts'
import type { Spans } from './spans.ts'

/** May stand before the noun of a compound: 开放 源码 软件, 新 功能. */
const modifiers = new Set([
  'n',
  'nz',
  'ns',
  'nt',
  'nr',
  'nrt',
  'vn',
  'an',
  'a',
  'b',
  'j',
  'l',
  's',
  't',
  'x',
  'ng',
  'ag',
])
const heads = new Set(['n', 'nz', 'vn', 'ng', 'nt'])
const longestCompound = 4

/** Phrases of one sentence: compounds that end with a noun, of at most four words, and other words of two characters or more. */
export function chinesePhrases(words: readonly ChineseWord[]): Spans {
  const spans: Spans = []
  for (let index = 0; index < words.length; ) {
    const end = compoundEnd(words, index)
    const first = words[index]
    if (end > index + 1 || (first.hanzi && first.end - first.start > 1)) {
      spans.push(first.start, words[end - 1].end)
    }
    index = end
  }
  return spans
}

/** The word behind the compound that begins at `first`; the next word when none does. */
function compoundEnd(words: readonly ChineseWord[], first: number): number {
  let end = first + 1
  for (let index = first; index < words.length && index < first + longestCompound; index++) {
    const word = words[index]
    if (!word.hanzi || (index > first && word.start !== words[index - 1].end)) break
    if (index > first && heads.has(word.tag)) end = index + 1
    if (!modifiers.has(word.tag)) break
  }
  return end
}
