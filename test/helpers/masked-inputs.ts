import { layOut } from '../../lib/data/layout.ts'
import { createRandom } from '../../lib/data/random.ts'
import type { Annotation, Input } from '../../lib/data/task.ts'
import { type KnowledgeMaskingOptions, knowledgeMasking } from '../../tasks/pretrain/knowledge-masking.ts'
import { memoryCorpus, numberedDocuments } from './memory-corpus.ts'

/** The corpus of {@link short} and {@link long}. */
export const corpus = memoryCorpus([
  ['a b ##b c ##c ##c d e ##e f', 'g h ##h i j ##j ##j ##j k l'],
  ...numberedDocuments([3], () => 200),
])

export const { vocabulary } = corpus

/** Two segments of ten tokens, their words of one to four pieces. */
export const short = layOut(vocabulary, [
  { document: corpus.document(0), start: 0, end: 10 },
  { document: corpus.document(0), start: 10, end: 20 },
])

/** 500 words of one piece each. */
export const long = layOut(vocabulary, [{ document: corpus.document(1), start: 0, end: 500 }])

/** What masking makes of an input, the random numbers of each slot its own. */
export const annotate = (options: KnowledgeMaskingOptions, input: Input, slot: number): Annotation =>
  knowledgeMasking(options).annotate(input, createRandom(1, 'test', slot), {
    corpus,
    vocabulary,
    progress: 0,
  })

export const times = (count: number) => Array.from({ length: count }, (_, slot) => slot)
