import { dateEnd } from './english-dates.ts'
import type { EnglishTagger } from './english-tagger.ts'
import type { EnglishToken } from './english-tokens.ts'
import type { Spans } from './spans.ts'

/** Classes of words that are no name in upper case either, unless they stand between names: "Gone With the Wind". */
const closed = new Set(['DET', 'PRON', 'AUX', 'ADP', 'CCONJ', 'SCONJ', 'PART', 'INTJ', 'ADV'])
/** Classes of words that at the beginning of a sentence are part of a name only with another name behind: "Lake Erie". */
const common = new Set(['NOUN', 'ADJ', 'NUM'])
const particles = new Set(
  'of the de del della di da do dos du la le los las van von der den ter zu al el ad ibn bin ben y e'.split(
    ' ',
  ),
)
/** Goes on a name: Malik Shah I, Elizabeth II. */
const numeral = /^[IVX]+$/
/** Upper-case words that name nothing. */
const nameless = new Set(['I', 'O', 'Oh', 'AM', 'PM', 'OK', 'Ok'])
/** Behind a name these make the number before it part of an address: 2233 Ventura Street. */
const streets = new Set(
  'Street Avenue Road Lane Boulevard Drive Way Court Place Square St Ave Rd Blvd'.split(' '),
)
const opening = new Set('“‘("\'[:—–'.split(''))

/**
 * Entities of some sentences of one paragraph, flat pairs of UTF-16 units: dates, years, clock times and sums of money by
 * their form; people, places, organisations and works by their capitals, joined through "of", "van", hyphens, initials.
 * A word that may have its capital from the sentence alone must be a name by the lexicon, or have a capital elsewhere in
 * these sentences.
 */
export function englishEntities(sentences: readonly EnglishToken[][], tagger: EnglishTagger): Spans {
  const seen = new Set<string>()
  for (const tokens of sentences) {
    for (let index = 1; index < tokens.length; index++) {
      if (tokens[index].capital && !opens(tokens, index)) seen.add(tokens[index].form)
    }
  }
  const spans: Spans = []
  for (const tokens of sentences) {
    for (let index = 0; index < tokens.length; ) {
      const end =
        addressEnd(tokens, index, tagger, seen) ||
        dateEnd(tokens, index) ||
        nameEnd(tokens, index, tagger, seen)
      if (end > index) spans.push(tokens[index].start, tokens[end - 1].end)
      index = Math.max(end, index + 1)
    }
  }
  return spans
}

/** The token behind the address that begins with a number at `first`; 0 when none does. */
function addressEnd(
  tokens: readonly EnglishToken[],
  first: number,
  tagger: EnglishTagger,
  seen: ReadonlySet<string>,
): number {
  if (tokens[first].kind !== 'number' || !tokens[first + 1]?.capital) return 0
  const end = nameEnd(tokens, first + 1, tagger, seen)
  return end > 0 && streets.has(tokens[end - 1].form) ? end : 0
}

/** The token behind the name that begins at `first`; 0 when none does. */
function nameEnd(
  tokens: readonly EnglishToken[],
  first: number,
  tagger: EnglishTagger,
  seen: ReadonlySet<string>,
): number {
  const { form, tag } = tokens[first]
  if (!isName(tokens[first], tagger)) return 0
  let end = first + 1
  for (let next = nextName(tokens, end, tagger); next > 0; next = nextName(tokens, end, tagger)) end = next
  const alone = end === first + 1
  if (alone && form.length === 1) return 0
  if (opens(tokens, first) && !seen.has(form)) {
    const kind = tagger.classOf(form)
    if (kind === 'proper' || kind === 'unknown' ? alone && tag !== 'PROPN' : alone || !common.has(kind))
      return 0
  }
  // The last full stop of "U.S." is part of it.
  const initials = end - first >= 3 && tokens[end - 1].form.length === 1 && tokens[end - 2].form === '.'
  if (initials && tokens[end]?.form === '.' && tokens[end].glued) end++
  return end
}

/** The token behind the next part of a name that ended before `index`; 0 when it does not go on. */
function nextName(tokens: readonly EnglishToken[], index: number, tagger: EnglishTagger): number {
  const token = tokens[index]
  if (token === undefined) return 0
  if (token.kind === 'number') return !token.glued && /^\d{1,3}$/.test(token.form) ? index + 1 : 0
  if (token.kind === 'word') {
    if (isName(token, tagger)) return index + 1
    if (numeral.test(token.form) && !token.glued && !isSubject(tokens, index)) return index + 1
    if (!(token.capital ? !nameless.has(token.form) : isParticle(token))) return 0
    let next = index + 1
    if (isParticle(tokens[next])) next++
    if (tokens[next]?.form === '-' && tokens[next].glued) next++
    return isName(tokens[next], tagger) ? next + 1 : 0
  }
  const next = index + 1
  if (token.form === '-' || token.form === '–') {
    if (!token.glued || !tokens[next]?.glued) return 0
  } else if (token.form === '.') {
    if (!token.glued || tokens[index - 1].form.length > 4) return 0
  } else if (token.form !== '&') {
    return 0
  }
  if (!isName(tokens[next], tagger) && !(token.form === '-' && tokens[next].capital)) return 0
  return next + 1
}

function isParticle(token: EnglishToken | undefined): boolean {
  return token?.kind === 'word' && particles.has(token.form.toLowerCase())
}

/** Whether an "I" is the pronoun before its verb. */
function isSubject(tokens: readonly EnglishToken[], index: number): boolean {
  return tokens[index].form === 'I' && /^(?:VERB|AUX|ADV)$/.test(tokens[index + 1]?.tag)
}

function isName(token: EnglishToken | undefined, tagger: EnglishTagger): boolean {
  if (!token?.capital || nameless.has(token.form)) return false
  const kind = tagger.classOf(token.form)
  // A verb in capitals is stressed, not a name.
  if (kind === 'VERB' && token.form.length > 1 && token.form === token.form.toUpperCase()) return false
  return !closed.has(kind)
}

/** Whether the capital of a word may come from the sentence or the quotation it begins. */
function opens(tokens: readonly EnglishToken[], index: number): boolean {
  return index === 0 || (tokens[index - 1].kind === 'mark' && opening.has(tokens[index - 1].form))
}
