import { z } from 'zod'
import {
  type Corpus,
  type Document,
  EverlearnError,
  firstTokens,
  lastTokens,
  layOut,
  placeOf,
  type Random,
  readOptions,
  type SentenceTask,
  sentenceAt,
} from '../../lib/index.ts'

const name = 'sentence-distance'
const classNames = ['adjacent', 'same document, not adjacent', 'different documents']
const needs = 'at least two documents of 3 sentences or more'
const mostTries = 1000

/** The first side ends, or the second begins, before this sentence of the document. */
interface Place {
  document: Document
  boundary: number
}

const schema = z.strictObject({
  /** Sentences a side has; shorter documents give fewer, two sides and the sentence between them must fit. */
  sentencesPerSide: z.int().min(1).default(3),
})
export type SentenceDistanceOptions = z.input<typeof schema>

/**
 * Sentence distance (ERNIE 2.0, section 4.2, "Sentence Distance Task"): three classes, drawn a third each. The two
 * sides follow each other in the document (0), are of the same document but not adjacent (1), or are of different
 * documents (2).
 *
 * A side ends or begins at a boundary between sentences. The first side ends at a boundary given by the slot's window;
 * the second begins at the same boundary, at another one of the document that makes them neither meet nor overlap, or
 * at one of another document. So that neither lengths nor places give a class away, every boundary has the same number
 * of sentences on both sides, and text that could not serve all three classes serves none.
 */
export function sentenceDistance(given: SentenceDistanceOptions = {}): SentenceTask {
  const { sentencesPerSide } = readOptions(name, schema, given)

  return {
    kind: 'sentence',
    name,
    classNames,
    needs,

    check(corpus) {
      let able = 0
      for (let index = 0; index < corpus.documentCount && able < 2; index++) {
        if (sentenceCount(corpus.document(index)) >= 3) able++
      }
      if (able < 2) {
        throw new EverlearnError(
          'TASK_NEEDS',
          `${name} needs ${needs}, but ${corpus.directory} has ${able} of them; give it another corpus, or separate ` +
            'the documents of the text by blank lines',
        )
      }
    },

    draw({ corpus, vocabulary, maxLength, window }, random) {
      const label = random.below(3)
      const { document, token } = placeOf(corpus, window)
      const side = Math.min(sentencesPerSide, (sentenceCount(document) - 1) >>> 1)
      if (side < 1) return null
      const boundary = boundaryAt(document, token, side)
      if (!hasApart(document, boundary, side)) return null
      const apart = apartFrom(boundary, document, side, random)
      const other = elsewhere(corpus, document, side, random)
      if (!apart || !other) return null

      const second = [{ document, boundary }, apart, other][label]
      const capacity = Math.floor((maxLength - 3) / 2)
      const left = lastTokens(sentencesOf(document, boundary - side, boundary), capacity)
      const right = firstTokens(
        sentencesOf(second.document, second.boundary, second.boundary + side),
        capacity,
      )
      return layOut(vocabulary, [left, right], label)
    },
  }
}

const sentenceCount = (document: Document) => document.sentences.length - 1

/** The boundary that belongs to a token; the possible ones have equal shares of the document's sentences. */
function boundaryAt(document: Document, token: number, side: number): number {
  const count = sentenceCount(document)
  return side + Math.floor((sentenceAt(document, token) * (count - 2 * side + 1)) / count)
}

/** Whether at least one sentence lies between the side that ends at `first` and the one that begins at `second`. */
const isApart = (first: number, second: number, side: number) => second > first || second < first - 2 * side

/** Whether a side that ends at the boundary has another side of the document apart from it. */
const hasApart = (document: Document, boundary: number, side: number) =>
  boundary < sentenceCount(document) - side || isApart(boundary, side, side)

/** A place in the document for the second side of class 1. */
function apartFrom(boundary: number, document: Document, side: number, random: Random): Place | null {
  for (let tries = 0; tries < mostTries; tries++) {
    const second = boundaryAt(document, random.below(document.tokens.length), side)
    if (isApart(boundary, second, side)) return { document, boundary: second }
  }
  return null
}

/** A place in another document, as good for all classes as the first side's is. */
function elsewhere(corpus: Corpus, own: Document, side: number, random: Random): Place | null {
  for (let tries = 0; tries < mostTries; tries++) {
    const { document, token } = placeOf(corpus, random.below(corpus.tokenCount))
    if (document.index === own.index || sentenceCount(document) < 2 * side + 1) continue
    const boundary = boundaryAt(document, token, side)
    if (hasApart(document, boundary, side)) return { document, boundary }
  }
  return null
}

function sentencesOf(document: Document, first: number, end: number) {
  return { document, start: document.sentences[first], end: document.sentences[end] }
}
