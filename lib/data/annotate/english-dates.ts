import type { EnglishToken } from './english-tokens.ts'

/** What a token can be in a date, a clock time or a sum. */
const kinds: Record<string, RegExp> = {
  month:
    /^(?:January|February|March|April|May|June|July|August|September|October|November|December)$|^(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)$/i,
  day: /^(?:[12]?\d|3[01])(?:st|nd|rd|th)?$/,
  year: /^1\d{3}$|^20\d\d$/,
  decade: /^(?:1\d|20)\d0s$/,
  anyYear: /^\d{1,4}$/,
  era: /^(?:BC|AD|BCE|CE)$/,
  clock: /^(?:1?\d|2[0-4])(?::[0-5]\d)?$/,
  colonClock: /^(?:1?\d|2[0-4]):[0-5]\d$/,
  half: /^[ap]m$/i,
  number: /^\d[\d.,]*$/,
  sign: /^[$£€]$/,
  multiple: /^(?:thousand|million|billion|trillion)$/,
  comma: /^,$/,
  of: /^of$/,
}

/** Rows of kinds, the longest that fits is taken. A row that begins with a month wants it in upper case. */
const rows = `
  day month comma year | day month year | day month | day of month year | day of month comma year | day of month
  month day comma year | month day year | month day | month year | month comma year
  anyYear era | decade | year | clock half | colonClock
  sign number multiple | sign number`
  .split(/[|\n]/)
  .map((row) => row.trim().split(/\s+/))
  .filter((row) => row[0] !== '')
  .sort((first, second) => second.length - first.length)

/** The token behind the date, year, clock time or sum of money that begins at `first`; 0 when none does. */
export function dateEnd(tokens: readonly EnglishToken[], first: number): number {
  const { kind, capital, form } = tokens[first]
  if (kind === 'word' ? !capital || !kinds.month.test(form) : kind === 'mark' && !kinds.sign.test(form))
    return 0
  for (const row of rows) {
    if (fits(tokens, first, row)) return first + row.length
  }
  return 0
}

function fits(tokens: readonly EnglishToken[], first: number, row: readonly string[]): boolean {
  for (let index = 0; index < row.length; index++) {
    const token = tokens[first + index]
    if (token === undefined || !kinds[row[index]].test(token.form)) return false
    if (row[index] === 'month' && !token.capital) return false
  }
  return true
}
