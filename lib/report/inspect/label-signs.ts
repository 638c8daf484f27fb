import { columnsOf } from '../text-width.ts'

const widest = 6

/** What stands for each class over a word: its name where all names are short, else its number. */
export function signsOf(classNames: readonly string[]): string[] {
  const short = classNames.every((name) => columnsOf(name) <= widest)
  return classNames.map((name, index) => (short ? name : String(index)))
}

/** What stands over a word: the sign of its class, or where its pieces differ one for each, `-` for none. */
export function signOfWord(labels: readonly (number | null)[], signs: readonly string[]): string {
  if (labels.every((label) => label === null)) return ''
  const each = labels.map((label) => (label === null ? '-' : signs[label]))
  return new Set(each).size === 1 ? each[0] : each.join('/')
}
