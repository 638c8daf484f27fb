import { type Corpus, createWordPiece, type Document, type Span, TokenFlag } from '../../lib/index.ts'
import { noConnective } from './discourse-markers.ts'
import { createCapitalizer, markersByFirstToken } from './discourse-spellings.ts'
import { type TextTraits, textTraits } from './text-traits.ts'

/** Two neighbouring sentences of a document, the marker of the second cut off. */
export interface DiscoursePair {
  /** Index of the marker's class. */
  label: number
  first: Span
  /** From the first word behind the marker and its comma. */
  second: Span
  /** Ids of the first word of `second` as at the beginning of a sentence, as many as it has in the text. */
  firstWord: ArrayLike<number>
}

/** Finds pairs at the sentences of a corpus. */
export interface PairReader {
  /** Whether the sentence may begin with a marker, from its first token alone. */
  mayBeMarked(document: Document, sentence: number): boolean
  /** The pair of a sentence and the one before it; null where they make none. `sentence` is not the document's first. */
  read(document: Document, sentence: number): DiscoursePair | null
}

/**
 * Reads pairs as Discovery mined them, on token ids. A marker is the longest that the second sentence begins with. Both
 * sentences have `lengths` words (characters of Chinese), more letters than other signs, brackets and quotes that close,
 * and not mainly words with capitals; what is left of the second begins with a letter and with no other marker. These
 * conditions are the same for pairs without a marker, so none of them tells whether one was cut off.
 *
 * @param classNames the classes that are looked for, markers of the language among them
 */
export function createPairReader(
  corpus: Corpus,
  classNames: readonly string[],
  lengths: readonly [number, number],
): PairReader {
  const { language } = corpus.manifest
  const traits = textTraits(corpus.vocabulary)
  const wordPiece = createWordPiece(corpus.vocabulary, { lowerCase: corpus.manifest.lowerCase })
  const markers = markersByFirstToken(wordPiece, language, classNames)
  const capitalized = createCapitalizer(wordPiece, language)
  const unmarked = classNames.indexOf(noConnective)
  const particles = new Set(
    [...'的地得了着过呢吧吗嘛啊呀哦么是'].map((particle) => corpus.vocabulary.id(particle) ?? -1),
  )

  const markerAt = ({ tokens, flags }: Document, start: number, end: number) => {
    for (const marker of markers.get(tokens[start]) ?? []) {
      const { ids } = marker
      let after = start + ids.length
      if (after >= end || !(flags[after] & TokenFlag.wordStart)) continue
      if (ids.some((id, index) => tokens[start + index] !== id)) continue
      if (traits.comma[tokens[after]]) after++
      else if (marker.needsComma) continue
      return { label: marker.label, after }
    }
    return null
  }

  return {
    mayBeMarked: ({ tokens, sentences }, sentence) => markers.has(tokens[sentences[sentence]]),

    read(document, sentence) {
      const { tokens, sentences } = document
      const begin = sentences[sentence]
      const end = sentences[sentence + 1]
      const marker = markerAt(document, begin, end)
      const label = marker?.label ?? unmarked
      const start = marker?.after ?? begin
      if (label < 0 || start >= end || !traits.letterFirst[tokens[start]]) return null
      // Another marker, or what belongs to the one that was cut off, would show that there was one.
      if (marker && markerAt(document, start, end)) return null
      if (language === 'zh' && particles.has(tokens[start])) return null
      const first = { document, start: sentences[sentence - 1], end: begin }
      const second = { document, start, end }
      if (!isPlain(first, traits, lengths) || !isPlain(second, traits, lengths)) return null
      const firstWord = capitalized(second)
      return firstWord && { label, first, second, firstWord }
    },
  }
}

/** Whether a sentence has a fitting number of words and looks like a whole sentence of prose. */
function isPlain(
  { document: { tokens, flags }, start, end }: Span,
  traits: TextTraits,
  [shortest, longest]: readonly [number, number],
): boolean {
  let words = 0
  let capitals = 0
  let letters = 0
  let signs = 0
  let quotes = 0
  const open: number[] = []
  for (let token = start; token < end; token++) {
    const id = tokens[token]
    letters += traits.letters[id]
    signs += traits.signs[id]
    const bracket = traits.brackets[id]
    if (bracket > 0) open.push(bracket)
    else if (bracket < 0 && open.pop() !== -bracket) return false
    if (traits.quote[id]) quotes++
    if (!(flags[token] & TokenFlag.basicStart) || traits.mark[id]) continue
    if (++words > longest) return false
    // Not of the first word, whose letter the marker decides.
    if (words > 1 && flags[token] & TokenFlag.capital) capitals++
  }
  if (words < shortest || open.length > 0 || quotes % 2 === 1) return false
  return letters > signs && 2 * capitals <= words
}
