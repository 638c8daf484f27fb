import { z } from 'zod'
import {
  type Corpus,
  EverlearnError,
  type Input,
  readOptions,
  sentenceAt,
  type TokenTask,
  type Vocabulary,
} from '../../lib/index.ts'

const name = 'capitalization'
const schema = z.strictObject({
  /** Whether the first word of each sentence has labels; its capital says where it stands, not what it is. */
  sentenceStarts: z.enum(['label', 'ignore']).default('label'),
})
export type CapitalizationOptions = z.input<typeof schema>

/**
 * Capitalization prediction (ERNIE 2.0, section 4.2, "Capitalization Prediction Task"): whether a word begins with an
 * upper-case letter in the raw text, which the lower-cased ids do not show; capitalised words often name something.
 * Every piece of the word has the label. Words that begin with no letter, or with one that knows no case, have none,
 * nor have unknown words, of which this cannot be told, and tokens that another task has changed.
 */
export function capitalization(given: CapitalizationOptions = {}): TokenTask {
  const { sentenceStarts } = readOptions(name, schema, given)

  return {
    kind: 'token',
    name,
    head: { kind: 'token-classification', classNames: ['lower-case', 'upper-case'] },

    check({ directory, manifest: { language, lowerCase } }) {
      if (language === 'zh') {
        throw new EverlearnError(
          'CORPUS_WITHOUT_CASE',
          `${directory} is Chinese text, which has no upper and lower case; leave ${name} out or give it English text`,
        )
      }
      if (!lowerCase) {
        throw new EverlearnError(
          'CORPUS_CASED',
          `${directory} was prepared without lower-casing, so its ids show what ${name} is to predict; prepare it ` +
            'with an uncased vocabulary and lower-casing, or leave the task out',
        )
      }
    },

    annotate(input, _, { corpus, vocabulary, taken }) {
      const { ids, words, capitals } = input
      const hasCase = piecesWithCase(vocabulary)
      const ignored = sentenceStarts === 'ignore' ? sentenceStartsOf(input, corpus, hasCase) : null
      const positions = new Int32Array(ids.length)
      const labels = new Int32Array(ids.length)
      let count = 0
      let next = 0
      let labelled = false
      for (let position = 0; position < ids.length; position++) {
        const word = words[position]
        const isTaken = taken !== undefined && taken[next] === position
        if (isTaken) next++
        if (word >= 0 && word !== words[position - 1]) {
          labelled = hasCase[ids[position]] === 1 && !ignored?.has(word)
        }
        if (word < 0 || !labelled || isTaken) continue
        positions[count] = position
        labels[count++] = capitals[position]
      }
      return { positions: positions.subarray(0, count), labels: labels.subarray(0, count) }
    },
  }
}

/** The words, by number, that are the first with a case in a sentence whose beginning the input holds. */
function sentenceStartsOf({ ids, words, spans }: Input, corpus: Corpus, hasCase: Uint8Array): Set<number> {
  const starts = new Set<number>()
  for (const { document: index, start, end, position } of spans) {
    const document = corpus.document(index)
    const { sentences } = document
    let sentence = sentenceAt(document, start)
    if (sentences[sentence] < start) sentence++
    for (; sentence < sentences.length - 1 && sentences[sentence] < end; sentence++) {
      const from = sentences[sentence] - start + position
      const to = Math.min(sentences[sentence + 1], end) - start + position
      let first = from
      while (first < to && !(hasCase[ids[first]] && words[first] !== words[first - 1])) first++
      if (first < to) starts.add(words[first])
    }
  }
  return starts
}

const cache = new WeakMap<Vocabulary, Uint8Array>()

/** Per id, 1 where a word can begin with the piece and its first character is a letter with an upper and a lower case. */
function piecesWithCase(vocabulary: Vocabulary): Uint8Array {
  const known = cache.get(vocabulary)
  if (known) return known
  const { tokens, pad, unknown, cls, sep, mask } = vocabulary
  const table = Uint8Array.from(tokens, (token) => {
    const [first] = token
    return Number(first.toUpperCase() !== first && !token.startsWith('##'))
  })
  for (const special of [pad, unknown, cls, sep, mask]) table[special] = 0
  cache.set(vocabulary, table)
  return table
}
