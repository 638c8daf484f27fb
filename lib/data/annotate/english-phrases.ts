import type { EnglishToken } from './english-tokens.ts'
import type { Spans } from './spans.ts'

/** May stand before the noun of a phrase. A determiner or a possessive is left out: it carries nothing to predict. */
const modifiers = new Set(['ADJ', 'NUM', 'NOUN', 'PROPN'])
const nouns = new Set(['NOUN', 'PROPN'])
/** After these a participle is a modifier: "a beating heart". */
const beforeParticiple = new Set(['DET', 'ADJ', 'NUM'])
const participle = /(?:ing|ed)$/
const possessive = /^(?:my|your|his|her|its|our|their)$/i
/** Letters of a title or an initial before its full stop: Mr., Capt. */
const longestTitle = 4
const year = /^1\d\d\d$|^20\d\d$/

/**
 * Phrases of one sentence, of two words or more, a hyphen counting as a blank: nouns with what modifies them ("the"
 * left out) and verbs with their auxiliaries, "had been arranged".
 */
export function englishPhrases(tokens: readonly EnglishToken[]): Spans {
  const spans: Spans = []
  for (let index = 0; index < tokens.length; ) {
    const end = endOfNounPhrase(tokens, index) || endOfVerbGroup(tokens, index)
    if (end > index) {
      if (words(tokens, index, end) > 1) spans.push(tokens[index].start, tokens[end - 1].end)
      index = end
    } else {
      index++
    }
  }
  return spans
}

/** The token behind the noun phrase that begins at `first`; 0 when none does. */
function endOfNounPhrase(tokens: readonly EnglishToken[], first: number): number {
  // A year before a name is no modifier of it: "In 1064 Arslan".
  if (year.test(tokens[first].form) && tokens[first + 1]?.tag === 'PROPN') return 0
  let end = 0
  for (let index = first; index < tokens.length; index++) {
    const token = tokens[index]
    if (token.kind === 'mark') {
      if (joins(tokens, index)) continue
      break
    }
    if (nouns.has(token.tag)) end = index + 1
    else if (token.tag === 'NUM' && end === index && index > first) end = index + 1
    else if (!modifiers.has(token.tag) && !modifies(tokens, index)) break
  }
  return end
}

/** Whether the mark at `index` holds a phrase together: a hyphen inside a word, or the full stop of an initial or title. */
function joins(tokens: readonly EnglishToken[], index: number): boolean {
  const mark = tokens[index]
  const next = tokens[index + 1]
  if (!mark.glued || next === undefined || next.kind === 'mark' || index === 0) return false
  if (mark.form === '-') return next.glued
  const before = tokens[index - 1]
  return mark.form === '.' && before.capital && before.form.length <= longestTitle && next.capital
}

/** Whether an adverb or a participle belongs to the noun behind it: "very old", "a beating heart", "well-known". */
function modifies(tokens: readonly EnglishToken[], index: number): boolean {
  const token = tokens[index]
  const next = tokens[index + 1]
  if (next === undefined) return false
  if (next.form === '-' && next.glued && tokens[index + 2]?.glued)
    return token.tag !== 'DET' && token.tag !== 'PRON'
  if (token.tag === 'ADV') return next.tag === 'ADJ'
  if (token.tag !== 'VERB') return false
  const before = tokens[index - 1]
  if (before === undefined) return false
  if (before.form === '-' && before.glued) return true
  return (
    participle.test(token.form) &&
    nouns.has(next.tag) &&
    (beforeParticiple.has(before.tag) || possessive.test(before.form))
  )
}

/** The token behind auxiliaries, adverbs between and a verb; 0 when they do not stand at `first`. */
function endOfVerbGroup(tokens: readonly EnglishToken[], first: number): number {
  if (tokens[first].tag !== 'AUX') return 0
  for (let index = first + 1; index < tokens.length; index++) {
    const { tag, kind } = tokens[index]
    if (kind === 'mark') return 0
    if (tag === 'VERB') return index + 1
    if (tag !== 'AUX' && tag !== 'ADV' && tag !== 'PART') return 0
  }
  return 0
}

function words(tokens: readonly EnglishToken[], start: number, end: number): number {
  let count = 0
  for (let index = start; index < end; index++) if (tokens[index].kind !== 'mark') count++
  return count
}
