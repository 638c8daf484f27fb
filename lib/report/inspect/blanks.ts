import { columnsOf } from '../text-width.ts'

const closing = /^[.,;:!?%)\]}]$/
const opening = /[([{$#]$/
/** What follows an apostrophe in English: isn't, it's, they'll. */
const contraction = /^(s|t|d|m|re|ve|ll)$/i
const isWord = (text: string | undefined) => text !== undefined && /^[\p{L}\p{N}]/u.test(text)
const isNumber = (text: string | undefined) => text !== undefined && /^\d+$/.test(text)
const isWide = (character: string | undefined) => character !== undefined && columnsOf(character) === 2

/**
 * Whether text would have a blank before each of its words, as far as that can be guessed: none between ideographs,
 * before closing and after opening punctuation, inside `isn't`, `well-known` and `3.5`.
 */
export function blanksOf(words: readonly string[]): boolean[] {
  return words.map((word, index) => {
    const [beforeLast, last, next] = [words[index - 2], words[index - 1], words[index + 1]]
    if (last === undefined || closing.test(word) || opening.test(last)) return false
    if (isWide([...last].at(-1)) || isWide([...word][0])) return false
    if (word === "'" && isWord(last)) return !contraction.test(next ?? '')
    if (last === "'" && isWord(beforeLast)) return !contraction.test(word)
    if (word === '-') return !(isWord(last) && isWord(next))
    if (last === '-') return !(isWord(beforeLast) && isWord(word))
    return !(/^[.,:]$/.test(last) && isNumber(beforeLast) && isNumber(word))
  })
}
