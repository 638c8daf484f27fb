import type { Corpus } from '../../lib/index.ts'
import { noConnective } from './discourse-markers.ts'
import type { PairReader } from './discourse-pairs.ts'

/** Where the pairs of a corpus are, and how often each class is drawn. */
export interface DiscourseIndex {
  /** Per class the places of its second sentences, markers included: tokens counted over the whole corpus, ascending. */
  places: Float64Array[]
  weights: number[]
}

/** Tokens that are looked through; of larger corpora every second, third … document is. About a second a worker. */
const mostTokens = 2 ** 28
/** Unmarked sentences that are looked at, evenly spread: nearly all make a pair, and so many are enough. */
const mostUnmarked = 2 ** 18

/**
 * Looks a corpus through for pairs. In text the commonest markers are thousands of times commoner than the rarest, and
 * sentences without one commoner still. A marker with n pairs is therefore drawn in proportion to n^balance, and no
 * connective as often as the commonest marker.
 *
 * @param balance 1: markers as often as in the text; 0: all that occur alike
 */
export function indexPairs(
  corpus: Corpus,
  classNames: readonly string[],
  reader: PairReader,
  balance: number,
): DiscourseIndex {
  const places: number[][] = classNames.map(() => [])
  const unmarked = classNames.indexOf(noConnective)
  const stride = Math.ceil(corpus.tokenCount / mostTokens)
  const rate = Math.min(1, (mostUnmarked * stride) / corpus.manifest.counts.sentences)
  let due = 0
  for (let index = 0; index < corpus.documentCount; index += stride) {
    const document = corpus.document(index)
    const offset = corpus.documentStart(index)
    const { sentences } = document
    for (let sentence = 1; sentence + 1 < sentences.length; sentence++) {
      if (!reader.mayBeMarked(document, sentence)) {
        due += rate
        if (unmarked < 0 || due < 1) continue
        due--
      }
      const pair = reader.read(document, sentence)
      if (pair) places[pair.label].push(offset + sentences[sentence])
    }
  }
  const weights = places.map(({ length }) => (length > 0 ? length ** balance : 0))
  if (unmarked >= 0 && weights[unmarked] > 0) {
    const markers = weights.filter((_, label) => label !== unmarked)
    weights[unmarked] = Math.max(...markers)
  }
  return { places: places.map((each) => Float64Array.from(each)), weights }
}
