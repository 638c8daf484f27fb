import { z } from 'zod'
import {
  createWordSearch,
  EverlearnError,
  Occurrence,
  readOptions,
  type TokenTask,
  type Vocabulary,
  type WordSearch,
} from '../../lib/index.ts'

const name = 'token-document'
const schema = z.strictObject({
  /** Documents with fewer tokens give no labels. */
  shortestDocument: z.int().nonnegative().default(0),
})
export type TokenDocumentOptions = z.input<typeof schema>

/**
 * Token–document relation (ERNIE 2.0, section 4.2, "Token-Document Relation Prediction Task"): whether the word that a
 * token belongs to also occurs in other segments of its document, that is outside of all the text this input has of it.
 * Such words are common ones, or say what the document is about.
 *
 * Words are the same if all their pieces are; in annotated Chinese text they are those of the segmenter. A document that
 * is wholly in the input gives no labels, nor do words that the input cuts or that have an unknown piece, and tokens
 * that another task has changed.
 */
export function tokenDocument(given: TokenDocumentOptions = {}): TokenTask {
  const { shortestDocument } = readOptions(name, schema, given)
  const searches = new WeakMap<Vocabulary, WordSearch>()

  return {
    kind: 'token',
    name,
    head: { kind: 'token-classification', classNames: ['in this text only', 'elsewhere in its document'] },

    check({ directory, documentCount, documentStart }) {
      for (let index = 0; index < documentCount; index++) {
        if (documentStart(index + 1) - documentStart(index) >= shortestDocument) return
      }
      throw new EverlearnError(
        'TASK_NEEDS',
        `${name} is to use documents of ${shortestDocument} tokens or more, but ${directory} has none; lower ` +
          'shortestDocument or give it another corpus',
      )
    },

    annotate(input, _, { corpus, vocabulary, taken }) {
      let search = searches.get(vocabulary)
      if (!search) {
        search = createWordSearch(vocabulary, shortestDocument)
        searches.set(vocabulary, search)
      }
      const found = search.find(input, corpus)
      const { words } = input
      const positions = new Int32Array(words.length)
      const labels = new Int32Array(words.length)
      let count = 0
      let next = 0
      let label: number = Occurrence.unknown
      for (let position = 0; position < words.length; position++) {
        if (words[position] !== words[position - 1]) label = found[position]
        if (taken !== undefined && taken[next] === position) next++
        else if (label !== Occurrence.unknown) {
          positions[count] = position
          labels[count++] = label
        }
      }
      return { positions: positions.subarray(0, count), labels: labels.subarray(0, count) }
    },
  }
}
