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
      const apart = boundaryApart(document, boundary, side, random)
      const elsewhere = otherDocument(corpus, document, side, random)
      if (apart === null || elsewhere === null) return null

      const seconds = [{ document, boundary }, { document, boundary: apart }, elsewhere]
      const second = seconds[label]
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

/** The boundary, with `side` sentences before and after it, that belongs to a token: the same share of text for each. */
function boundaryAt(document: Document, token: number, side: number): number {
  return side + (sentenceAt(document, token) % (sentenceCount(document) - 2 * side + 1))
}

/** Where a second side can begin so that at least one sentence lies between it and the side that ends at `boundary`. */
function boundaryApart(document: Document, boundary: number, side: number, random: Random): number | null {
  const after = sentenceCount(document) - side - boundary
  const before = Math.max(boundary - 3 * side, 0)
  if (after + before === 0) return null
  const drawn = random.below(after + before)
  return drawn < after ? boundary + 1 + drawn : side + drawn - after
}

function otherDocument(corpus: Corpus, own: Document, side: number, random: Random) {
  for (let tries = 0; tries < mostTries; tries++) {
    const { document, token } = placeOf(corpus, random.below(corpus.tokenCount))
    if (document.index === own.index || sentenceCount(document) < 2 * side + 1) continue
    const boundary = boundaryAt(document, token, side)
    if (boundaryApart(document, boundary, side, random) !== null) return { document, boundary }
  }
  return null
}

function sentencesOf(document: Document, first: number, end: number) {
  return { document, start: document.sentences[first], end: document.sentences[end] }
}
