import { codePointRanges, inClass } from './unicode.ts'

/**
 * What a UTF-16 unit is to the scanner: an ASCII letter or digit, another part of a run that has to be looked at as a
 * whole (letters, marks, characters that vanish, surrogates), a blank, or a word of its own.
 */
export const Unit = { plain: 0, other: 1, blank: 2, single: 3 } as const

/** {@link Unit} of every UTF-16 unit. */
export const units: Uint8Array = unitTable()

/** One word of a normalised run. */
export interface Word {
  /** What WordPiece sees. */
  text: string
  /** Its length in code points. */
  length: number
  /** Whether it begins with an upper-case (or title-case) letter before lower-casing. */
  capital: boolean
}

const removed = inClass('removed')
const accent = inClass('accent')
const opaque = inClass('opaque')
const ideograph = inClass('ideograph')
const punctuation = inClass('punctuation')
const whitespace = inClass('whitespace')

/**
 * The words of a text as BertNormalizer (clean_text, handle_chinese_chars, strip_accents as lowercase) and
 * BertPreTokenizer of HuggingFace's `tokenizers` make them. Exact, not fast: see wordpiece.ts for the way around it.
 */
export function normalizedWords(text: string, lowerCase: boolean): Word[] {
  const words: Word[] = []
  let word = ''
  let length = 0
  let capital = false
  const finish = () => {
    if (length > 0) words.push({ text: word, length, capital })
    word = ''
    length = 0
  }
  for (const character of lowerCase ? decompose(clean(text)) : clean(text)) {
    const code = character.codePointAt(0) as number
    if (lowerCase && accent(code)) continue
    if (whitespace(code)) {
      finish()
      continue
    }
    const alone = punctuation(code)
    if (alone) finish()
    if (length === 0) capital = /^[\p{Lu}\p{Lt}]$/u.test(character)
    word += lowerCase ? character.toLowerCase() : character
    length++
    if (alone) finish()
  }
  finish()
  return words
}

/** Takes out what clean_text takes out (and unpaired surrogates), and puts blanks around ideographs. */
function clean(text: string): string {
  let result = ''
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (removed(code) || (code >= 0xd800 && code <= 0xdfff)) continue
    result += ideograph(code) ? ` ${character} ` : character
  }
  return result
}

/** Canonical decomposition with the Unicode tables of `tokenizers`. */
function decompose(text: string): string {
  let result = ''
  let known = ''
  for (const character of text) {
    if (opaque(character.codePointAt(0) as number)) {
      result += known.normalize('NFD') + character
      known = ''
    } else {
      known += character
    }
  }
  return result + known.normalize('NFD')
}

function unitTable(): Uint8Array {
  const table = new Uint8Array(0x10000).fill(Unit.other)
  const mark = (name: 'whitespace' | 'punctuation' | 'ideograph', unit: number) => {
    for (const [first, last] of codePointRanges(name)) {
      if (last < table.length) table.fill(unit, first, last + 1)
    }
  }
  for (const [first, last] of ['09', 'AZ', 'az']) {
    table.fill(Unit.plain, first.charCodeAt(0), last.charCodeAt(0) + 1)
  }
  mark('punctuation', Unit.single)
  mark('ideograph', Unit.single)
  mark('whitespace', Unit.blank)
  return table
}
