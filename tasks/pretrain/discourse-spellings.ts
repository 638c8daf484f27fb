import { type Language, type Span, TokenFlag, type WordPiece } from '../../lib/index.ts'
import { discourseMarkers } from './discourse-markers.ts'

/** A marker as pieces of a vocabulary. */
export interface Marker {
  ids: number[]
  label: number
  needsComma: boolean
}

/** The markers among the classes that the vocabulary can spell, by their first token, the longest first. */
export function markersByFirstToken(
  { encode, lowerCase, vocabulary }: WordPiece,
  language: Language,
  classNames: readonly string[],
): Map<number, Marker[]> {
  const { bare, withComma } = discourseMarkers[language]
  const found = new Map<number, Marker[]>()
  for (const [names, needsComma] of [
    [bare, false],
    [withComma, true],
  ] as const) {
    for (const name of names) {
      // One that is no class is still a marker: it must not pass for a sentence without.
      const label = classNames.indexOf(name)
      const spellings = lowerCase ? [name] : [name, upperFirst(name)]
      for (const spelling of new Set(spellings)) {
        const ids = [...encode(spelling).ids]
        if (ids.includes(vocabulary.unknown)) continue
        const others = found.get(ids[0]) ?? []
        found.set(ids[0], [...others, { ids, label, needsComma }])
      }
    }
  }
  for (const each of found.values()) each.sort((a, b) => b.ids.length - a.ids.length)
  return found
}

/**
 * Gives the ids of a span's first word with a capital. In a cased vocabulary that may change their number: such words
 * are not used, nor those whose small spelling has another number, so that the words which can follow a marker are the
 * same ones that can begin a sentence without.
 */
export function createCapitalizer(
  { encode, lowerCase, vocabulary }: WordPiece,
  language: Language,
): (span: Span) => ArrayLike<number> | null {
  const known = new Map<string, ArrayLike<number> | null>()
  return ({ document: { tokens, flags }, start, end }) => {
    let after = start + 1
    while (after < end && !(flags[after] & TokenFlag.basicStart)) after++
    const word = tokens.subarray(start, after)
    if (lowerCase || language !== 'en') return word
    const text = Array.from(word, (id) => vocabulary.tokens[id].replace(/^##/, '')).join('')
    const remembered = known.get(text)
    if (remembered !== undefined) return remembered
    const [upper, lower] = [upperFirst(text), lowerFirst(text)].map((spelling) => encode(spelling).ids)
    const result = upper.length === word.length && lower.length === word.length ? upper : null
    known.set(text, result)
    return result
  }
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
