import { z } from 'zod'
import {
  type Corpus,
  type DrawSource,
  drawWeighted,
  EverlearnError,
  fitPair,
  type Input,
  type Language,
  layOut,
  placeOf,
  type Random,
  readOptions,
  type SentenceTask,
  sentenceAt,
  textsOfPair,
} from '../../lib/index.ts'
import { checkLabels, checkLanguage, classOf, name } from './discourse-classes.ts'
import { type DiscourseIndex, indexPairs } from './discourse-index.ts'
import { markerNames } from './discourse-markers.ts'
import { createPairReader, type PairReader } from './discourse-pairs.ts'

const defaultLengths: Record<Language, [number, number]> = { en: [3, 32], zh: [5, 60] }

const schema = z.strictObject({
  /** Language of the text that pairs are mined from, and so of the markers that are the classes by default. */
  language: z.enum(['en', 'zh']).default('en'),
  /** The classes: the labels of corpora of pairs, or some of the markers. By default no connective and all markers. */
  labels: z
    .array(z.string().min(1))
    .min(2)
    .refine((labels) => new Set(labels).size === labels.length, 'a label is given twice')
    .optional(),
  /** How often mined markers are drawn: 1 as often as in the text, 0 all that occur alike. */
  balance: z.number().min(0).max(1).default(0.5),
  /** Fewest and most words (Chinese: characters) of each mined sentence. By default 3 to 32, in Chinese 5 to 60. */
  lengths: z
    .tuple([z.int().min(1), z.int().min(1)])
    .refine(([shortest, longest]) => shortest <= longest, 'the first must not be above the second')
    .optional(),
})
export type DiscourseRelationOptions = z.input<typeof schema>

/**
 * Discourse relation (ERNIE 2.0, section 4.2, "Discourse Relation Task"): how the second sentence follows from the
 * first.
 *
 * From a corpus of pairs it takes rows and their labels, rows without a label left out. From text it mines neighbouring
 * sentences of a document, the second of which begins with a discourse marker, as Discovery did (see
 * discourse-markers.ts and discourse-pairs.ts); the marker and its comma are left out and the word behind them counts
 * as the capitalized first one of its sentence, which it does in pairs without a marker too.
 */
export function discourseRelation(given: DiscourseRelationOptions = {}): SentenceTask {
  const options = readOptions(name, schema, given)
  const { language, labels, balance, lengths = defaultLengths[language] } = options
  const classNames = labels ?? markerNames(language)
  const readers = new WeakMap<Corpus, { reader: PairReader; index: DiscourseIndex }>()
  const mined = (corpus: Corpus) => {
    let known = readers.get(corpus)
    if (!known) {
      const reader = createPairReader(corpus, classNames, lengths)
      known = { reader, index: indexPairs(corpus, classNames, reader, balance) }
      readers.set(corpus, known)
    }
    return known
  }

  const drawMined = ({ corpus, vocabulary, maxLength, window }: DrawSource, random: Random): Input | null => {
    const { reader, index } = mined(corpus)
    const label = drawWeighted(index.weights, random)
    const places = index.places[label]
    if (places.length === 0) return null
    // An epoch's windows are spread over the corpus, and so are the places that they stand for: each has the same share.
    const place = places[Math.floor((window / corpus.tokenCount) * places.length)]
    const { document, token } = placeOf(corpus, place)
    const pair = reader.read(document, sentenceAt(document, token))
    if (!pair) return null
    const input = layOut(vocabulary, fitPair(pair.first, pair.second, maxLength - 3, 'end'), label)
    beginSentence(input, pair.firstWord, language)
    return input
  }

  return {
    kind: 'sentence',
    name,
    classNames,
    corpora: ['pairs'],
    needs: 'labelled pairs, or sentences that begin with a discourse marker',

    check(corpus) {
      if (corpus.kind === 'pairs') checkLabels(corpus, classNames)
      else {
        checkLanguage(corpus, language, classNames)
        const { weights } = mined(corpus).index
        if (weights.filter((weight) => weight > 0).length > 1) return
        throw new EverlearnError(
          'TASK_NEEDS',
          `${name} needs neighbouring sentences of at least two classes, but ${corpus.directory} has none, or all of one; ` +
            'give it more text, or labelled pairs',
        )
      }
    },

    draw(source, random) {
      const { corpus, vocabulary, maxLength, window } = source
      if (corpus.kind === 'text') return drawMined(source, random)
      const { document } = placeOf(corpus, window)
      const texts = textsOfPair(document)
      if (!texts || document.label < 0) return null
      const label = classOf(corpus.labels[document.label], classNames)
      return layOut(vocabulary, fitPair(...texts, maxLength - 3), label)
    },
  }
}

/** Makes the second segment begin like a sentence of its own. In Chinese only Latin words have capitals: they stay. */
function beginSentence(input: Input, firstWord: ArrayLike<number>, language: Language): void {
  if (language !== 'en') return
  const { position, start, end } = input.spans[1]
  for (let index = 0; index < Math.min(firstWord.length, end - start); index++) {
    input.ids[position + index] = firstWord[index]
    input.capitals[position + index] = 1
  }
}
