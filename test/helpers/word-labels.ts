import type { Corpus } from '../../lib/data/corpus.ts'
import { layOut } from '../../lib/data/layout.ts'
import { createRandom } from '../../lib/data/random.ts'
import type { Input } from '../../lib/data/task.ts'
import { tokenDocument } from '../../tasks/pretrain/token-document.ts'
import { placesOf, wordsOf } from './draws.ts'
import { piecesOf } from './memory-corpus.ts'

/** Tokens of a document. */
export type Place = [document: number, start: number, end: number]

/** An input of these tokens, in this order. */
export const inputOf = (corpus: Corpus, places: Place[]): Input =>
  layOut(
    corpus.vocabulary,
    places.map(([document, start, end]) => ({ document: corpus.document(document), start, end })),
  )

/** Labels by position, undefined where there is none. */
export function labelsOf(
  corpus: Corpus,
  input: Input,
  { task = tokenDocument(), taken = new Int32Array() } = {},
) {
  const context = { corpus, vocabulary: corpus.vocabulary, progress: 0, taken }
  const { positions, labels, ids } = task.annotate(input, createRandom(1), context)
  if (ids) throw new Error('token-document changes no ids')
  const all: (number | undefined)[] = Array.from(input.ids, () => undefined)
  positions.forEach((position, i) => {
    all[position] = labels[i]
  })
  return all
}

/** The pieces that have a label, with it: `cat:1`. */
export function shown(corpus: Corpus, places: Place[], options = {}): string {
  const input = inputOf(corpus, places)
  const labels = labelsOf(corpus, input, options)
  const pieces = piecesOf(corpus, input.ids)
  return pieces.flatMap((piece, i) => (labels[i] === undefined ? [] : [`${piece}:${labels[i]}`])).join(' ')
}

/** What the text says: whether the word is in the set of the document's words outside of the input. */
export function expectedLabels(corpus: Corpus, input: Input): (number | undefined)[] {
  const places = placesOf(corpus, input)
  const labels: (number | undefined)[] = places.map(() => undefined)
  for (const document of new Set(places.flatMap((place) => (place ? [place.document] : [])))) {
    const own = new Map<number, number[]>()
    places.forEach((place, position) => {
      if (place?.document === document) own.set(place.token, [...(own.get(place.token) ?? []), position])
    })
    const words = wordsOf(corpus, document)
    const tokensOf = ({ from, end }: { from: number; end: number }) =>
      Array.from({ length: end - from }, (_, i) => from + i)
    if (words.flatMap(tokensOf).every((token) => own.has(token))) continue
    const elsewhere = new Set(
      words.filter((word) => tokensOf(word).every((token) => !own.has(token))).map(({ text }) => text),
    )
    for (const word of words) {
      if (word.text.split(' ').includes('[UNK]')) continue
      const positions = tokensOf(word).flatMap((token) => own.get(token) ?? [])
      // A word of which not all is there, or not side by side, is cut.
      const isWhole = positions.length === word.end - word.from
      if (!isWhole || positions.some((position, i) => position !== positions[0] + i)) continue
      for (const position of positions) labels[position] = Number(elsewhere.has(word.text))
    }
  }
  return labels
}
