import { ordinaryTokens, type Vocabulary } from '../../lib/index.ts'

/** What the pieces of a vocabulary look like; one value a piece, 0 for special tokens. */
export interface TextTraits {
  /** Letters and ideographs of the piece, and its other characters. */
  letters: Uint8Array
  signs: Uint8Array
  /** 1 where the piece begins a word with a letter or is an ideograph. */
  letterFirst: Uint8Array
  /** 1 where the piece has neither letter nor digit. */
  mark: Uint8Array
  /** 1 for commas; in Chinese text also the colon that follows a connective. */
  comma: Uint8Array
  /** 1 for the straight double quote, which opens and closes. */
  quote: Uint8Array
  /** A number for each kind of bracket and curly quote: positive where it opens, negative where it closes. */
  brackets: Int8Array
}

const kinds = ['()', '[]', '{}', '“”', '（）', '「」', '『』', '《》', '〈〉', '【】', '［］']
const commas = new Set([',', '，', '：'])

const cache = new WeakMap<Vocabulary, TextTraits>()

/** The traits of a vocabulary's pieces, made once. */
export function textTraits(vocabulary: Vocabulary): TextTraits {
  const known = cache.get(vocabulary)
  if (known) return known
  const bytes = () => new Uint8Array(vocabulary.size)
  const traits: TextTraits = {
    letters: bytes(),
    signs: bytes(),
    letterFirst: bytes(),
    mark: bytes(),
    comma: bytes(),
    quote: bytes(),
    brackets: new Int8Array(vocabulary.size),
  }
  for (const id of ordinaryTokens(vocabulary)) {
    const piece = vocabulary.tokens[id]
    const text = piece.replace(/^##(?=.)/, '')
    const letters = text.match(/\p{L}/gu)?.length ?? 0
    traits.letters[id] = letters
    traits.signs[id] = [...text].length - letters
    traits.letterFirst[id] = Number(/^\p{L}/u.test(piece))
    traits.mark[id] = Number(!/[\p{L}\p{N}]/u.test(text))
    traits.comma[id] = Number(commas.has(piece))
    traits.quote[id] = Number(piece === '"')
    for (const [index, [opening, closing]] of kinds.entries()) {
      if (piece === opening) traits.brackets[id] = index + 1
      if (piece === closing) traits.brackets[id] = -(index + 1)
    }
  }
  cache.set(vocabulary, traits)
  return traits
}
