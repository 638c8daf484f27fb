import { setImmediate } from 'node:timers/promises'
import type { Corpus } from '../../data/corpus.ts'

/** How often each token occurs, with one added so that none is impossible. */
export interface Unigram {
  /** -log p by token id. */
  surprisal: Float64Array
  /** The most frequent token. */
  mode: number
}

/** The distribution of single tokens in some text: what a model that looks at no context can know of it. */
export async function unigramOf(corpora: Corpus[], vocabularySize: number): Promise<Unigram> {
  const counts = new Float64Array(vocabularySize).fill(1)
  for (const corpus of corpora) {
    for (let index = 0; index < corpus.documentCount; index++) {
      for (const token of corpus.document(index).tokens) counts[token]++
      // A corpus may take minutes; signals and progress must not wait.
      if (index % 256 === 255) await setImmediate()
    }
  }
  let total = 0
  let mode = 0
  for (let token = 0; token < vocabularySize; token++) {
    total += counts[token]
    if (counts[token] > counts[mode]) mode = token
  }
  return { surprisal: counts.map((count) => Math.log(total / count)), mode }
}
