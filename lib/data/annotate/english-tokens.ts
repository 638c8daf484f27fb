import { Unit, units } from '../../tokenizer/normalize.ts'

/** A word, a number or a mark of an English sentence, as the tagger is to see it. */
export interface EnglishToken {
  /** UTF-16 units in the paragraph. */
  start: number
  end: number
  /** ASCII stand-in of the token's text: what the tagger is given. */
  form: string
  kind: 'word' | 'number' | 'mark'
  /** Whether it is a word that begins with an upper-case letter. */
  capital: boolean
  /** Whether no blank stands between it and the token before it. */
  glued: boolean
  /** Part of speech of Universal Dependencies, such as `NOUN`; set by the tagger. */
  tag: string
}

const letters = /^\p{L}/u
const upper = /^[\p{Lu}\p{Lt}]/u
const plain = /^[A-Za-z]+$/
const counted = /^\d+(?:st|nd|rd|th|s)?$/
const longestForm = 40
/** What stands behind an apostrophe and is a word of its own. */
const clitics = new Set(['s', 're', 've', 'll', 'd', 'm', 'S', 'RE', 'VE', 'LL', 'D', 'M'])
/** What stands before an apostrophe and belongs to the word behind it: o'clock, O'Brien, d'Artagnan. */
const elided = new Set(['o', 'O', 'd', 'D', 'l', 'L'])
const apostrophes = new Set(["'", '’'])
/** Marks that the tagger tells apart; every other is a semicolon to it. */
const marks = new Set(`.,:!?()[]"'-–—‘’“”…$£€%&`)

/**
 * Tokens of `text.slice(start, end)`: the words of BERT's pre-tokeniser, where a number with its points and commas, a
 * word with "n't" and a clitic ('s, 'll) are one token each. A form depends on the token's own text only.
 */
export function englishTokens(text: string, start: number, end: number): EnglishToken[] {
  const tokens: EnglishToken[] = []
  let last = -1
  for (let index = start; index < end; ) {
    const from = index
    const unit = units[text.charCodeAt(index++)]
    if (unit === Unit.blank) continue
    if (unit === Unit.single) {
      const mark = text[from]
      if (apostrophes.has(mark) && joinApostrophe(text, from, end, tokens, last === from)) {
        index = tokens[tokens.length - 1].end
      } else {
        const form = marks.has(mark) ? mark : ';'
        tokens.push({
          start: from,
          end: index,
          form,
          kind: 'mark',
          capital: false,
          glued: last === from,
          tag: '',
        })
      }
    } else {
      index = endOfRun(text, from, end)
      if (isDigit(text, from)) index = endOfNumber(text, index, end)
      tokens.push(wordToken(text, from, index, last === from))
    }
    last = index
  }
  return tokens
}

/**
 * Makes the apostrophe at `from` part of a word: "don't" and "O'Brien" are joined to the token before it, "'s" is a
 * token of its own. Returns false, and does nothing, when it is a mark.
 */
function joinApostrophe(
  text: string,
  from: number,
  end: number,
  tokens: EnglishToken[],
  glued: boolean,
): boolean {
  const before = tokens[tokens.length - 1]
  if (!glued || before.kind !== 'word' || from + 1 >= end || units[text.charCodeAt(from + 1)] >= Unit.blank)
    return false
  const to = endOfRun(text, from + 1, end)
  const behind = text.slice(from + 1, to)
  const negated = (behind === 't' || behind === 'T') && /n$/i.test(before.form)
  if (negated || elided.has(before.form)) {
    before.end = to
    before.form += negated ? `'${behind}` : formOf(behind)
    return true
  }
  if (!clitics.has(behind)) return false
  tokens.push({ start: from, end: to, form: `'${behind}`, kind: 'word', capital: false, glued, tag: '' })
  return true
}

function wordToken(text: string, start: number, end: number, glued: boolean): EnglishToken {
  const own = text.slice(start, end)
  const form = formOf(own)
  const kind = isDigit(text, start) ? 'number' : form === ';' ? 'mark' : 'word'
  return { start, end, form, kind, capital: kind === 'word' && upper.test(own), glued, tag: '' }
}

/** An ASCII word for any run of letters, so that what the tagger remembers of words is bounded in kind. */
function formOf(own: string): string {
  if (own.length > longestForm) return 'x'
  if (plain.test(own) || counted.test(own)) return own
  if (/^\d/.test(own)) return /[A-Za-z]/.test(own) ? 'x' : '1'
  if (!letters.test(own)) return ';'
  const bare = own.normalize('NFD').replace(/\p{M}/gu, '')
  return plain.test(bare) ? bare : upper.test(own) ? 'Zyx' : 'zyx'
}

function endOfRun(text: string, start: number, end: number): number {
  let index = start
  while (index < end && units[text.charCodeAt(index)] < Unit.blank) index++
  return index
}

/** The end of a number whose first run of digits ends at `index`: 1,000.50 and 12:30 go on behind the mark. */
function endOfNumber(text: string, index: number, end: number): number {
  let at = index
  while (at + 1 < end && '.,:/'.includes(text[at]) && isDigit(text, at - 1) && isDigit(text, at + 1)) {
    at = endOfRun(text, at + 1, end)
  }
  return at
}

function isDigit(text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  return unit >= 0x30 && unit <= 0x39
}
