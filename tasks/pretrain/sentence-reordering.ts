import { z } from 'zod'
import {
  type Document,
  EverlearnError,
  layOut,
  placeOf,
  type Random,
  readOptions,
  type SentenceTask,
  type Span,
  sentenceAt,
  textAt,
} from '../../lib/index.ts'

const name = 'sentence-reordering'
const needs = 'documents of 2 sentences or more'
const schema = z.strictObject({
  /** Most segments that a text is cut into, m in the paper; the encoder knows four segment types. */
  mostSegments: z.int().min(2).max(4).default(4),
})
export type SentenceReorderingOptions = z.input<typeof schema>

/**
 * Sentence reordering (ERNIE 2.0, section 4.2, "Sentence Reordering Task"): a text is cut into 1 to m segments, which are
 * shown in a random order; the model tells the order among all those of all numbers of segments, 1! + … + m! classes, 33
 * for m = 4. The class `3: 2 0 1` shows the third segment of three first.
 *
 * Segments are runs of whole sentences, as many in each as can be; which of them have one more is drawn, so that lengths
 * say nothing of the order. The number of segments is uniform on 1 … m, or on 1 … the number of sentences where that is
 * less. The text is chosen to fit before it is cut: nothing is lost from any segment. The segment type is the place in
 * the input.
 */
export function sentenceReordering(given: SentenceReorderingOptions = {}): SentenceTask {
  const { mostSegments } = readOptions(name, schema, given)
  const orders = Array.from({ length: mostSegments }, (_, index) => permutations(index + 1)).flat()
  const groups = Array.from({ length: mostSegments }, (_, index) => ({
    name: index === 0 ? '1 segment' : `${index + 1} segments`,
    classes: [...orders.keys()].filter((label) => orders[label].length === index + 1),
  }))
  const classNames = orders.map((order) => `${order.length}: ${order.join(' ')}`)
  const classes = new Map(orders.map((order, index) => [order.join(' '), index]))

  return {
    kind: 'sentence',
    name,
    classNames,
    // How many segments there are can be seen.
    groups,
    needs,

    check({ directory, manifest: { counts } }) {
      if (counts.sentences > counts.documents) return
      throw new EverlearnError(
        'TASK_NEEDS',
        `${name} needs ${needs}, but none of the ${counts.documents} documents of ${directory} has them; give it another corpus`,
      )
    },

    draw({ corpus, vocabulary, maxLength, window }, random) {
      const share = random.uniform()
      const { document, token } = placeOf(corpus, window)
      const { first, end } = sentencesAt(document, token, maxLength - 1 - mostSegments)
      if (first === end) return layOut(vocabulary, [textAt(document, token, maxLength - 2)], 0)

      const number = 1 + Math.floor(share * Math.min(mostSegments, end - first))
      const segments = cut(document, first, end, number, random)
      const order = random.shuffle([...segments.keys()])
      const shown = order.map((index) => segments[index])
      return layOut(vocabulary, shown, classes.get(order.join(' ')))
    },
  }
}

/** All orders of 0 … n - 1, in the order of a dictionary. */
function permutations(n: number): number[][] {
  const extend = (order: number[]): number[][] =>
    order.length === n
      ? [order]
      : Array.from({ length: n }, (_, next) => next)
          .filter((next) => !order.includes(next))
          .flatMap((next) => extend([...order, next]))
  return extend([])
}

/** The whole sentences of the text around a token, at most `capacity` tokens; none where one alone is longer. */
function sentencesAt(document: Document, token: number, capacity: number): { first: number; end: number } {
  const { sentences } = document
  const text = textAt(document, token, capacity)
  const inFirst = sentenceAt(document, text.start)
  const first = sentences[inFirst] === text.start ? inFirst : inFirst + 1
  const end = text.end === document.tokens.length ? sentences.length - 1 : sentenceAt(document, text.end)
  return { first: Math.min(first, end), end }
}

/** Sentences `first` to `end - 1` as runs of equal numbers of them; those that must have one more are drawn. */
function cut(document: Document, first: number, end: number, number: number, random: Random): Span[] {
  const count = end - first
  const shorter = Math.floor(count / number)
  const sizes = random.shuffle(
    Array.from({ length: number }, (_, index) => shorter + Number(index < count % number)),
  )
  let from = first
  return sizes.map((size) => {
    const start = document.sentences[from]
    from += size
    return { document, start, end: document.sentences[from] }
  })
}
