import { z } from 'zod'
import {
  type Annotation,
  drawWeighted,
  EverlearnError,
  type Input,
  layOut,
  ordinaryTokens,
  readOptions,
  type TokenTask,
  textAt,
} from '../../lib/index.ts'

const levels = ['basic', 'phrase', 'entity'] as const
type Level = (typeof levels)[number]

const name = 'knowledge-masking'
const weight = z.number().nonnegative().default(0)
const schema = z.strictObject({
  /** Share of the text's tokens that is expected to be drawn. */
  probability: z.number().min(0).max(1).default(0.15),
  /** Whether each token of a drawn unit has its own fate, as in the released code, or the whole unit has one. */
  maskPer: z.enum(['token', 'unit']).default('token'),
  /** How often an input is masked by words, by phrases and by entities, relative to each other. */
  levels: z
    .strictObject({ basic: weight, phrase: weight, entity: weight })
    .refine((weights) => levels.some((level) => weights[level] > 0), 'one level must have a weight above 0')
    .default({ basic: 1, phrase: 0, entity: 0 }),
})
export type KnowledgeMaskingOptions = z.input<typeof schema>

/**
 * Knowledge masking (ERNIE 2.0, section 4.2, "Knowledge Masking Task"; ERNIE 1.0, section 3.2): the model predicts
 * whole words, phrases or named entities that were masked. Each unit is drawn by itself, so that 15 % of the tokens are
 * expected; a drawn token becomes [MASK] with probability 0.8, a random token with 0.1 and stays with 0.1. At the
 * phrase and entity levels the words outside such spans are units too. Special tokens are never drawn, and an input is
 * masked anew each time it is seen.
 */
export function knowledgeMasking(given: KnowledgeMaskingOptions = {}): TokenTask {
  const { probability, maskPer, levels: weights } = readOptions(name, schema, given)
  const used = levels.filter((level) => weights[level] > 0)
  const shares = used.map((level) => weights[level])

  return {
    kind: 'token',
    name,
    head: { kind: 'masked-language-model' },

    check(corpus) {
      const sample = layOut(corpus.vocabulary, [textAt(corpus.document(0), 0, 16)])
      for (const level of used) spansOf(sample, level)
    },

    annotate(input, random, { vocabulary }): Annotation {
      const spans = spansOf(input, used[drawWeighted(shares, random)])
      const candidates = ordinaryTokens(vocabulary)
      const length = input.ids.length
      const positions: number[] = []
      const ids: number[] = []

      for (let start = 0, end = 0; start < length; start = end) {
        do end++
        while (end < length && sameUnit(input.words, spans, end))
        if (input.words[start] < 0 || random.uniform() >= probability) continue
        let fate = random.uniform()
        for (let position = start; position < end; position++) {
          if (maskPer === 'token' && position > start) fate = random.uniform()
          positions.push(position)
          if (fate < 0.8) ids.push(vocabulary.mask)
          else if (fate < 0.9) ids.push(candidates[random.below(candidates.length)])
          else ids.push(input.ids[position])
        }
      }
      return {
        positions: Int32Array.from(positions),
        labels: Int32Array.from(positions, (position) => input.ids[position]),
        ids: Int32Array.from(ids),
      }
    },
  }
}

/** Whether a token belongs to the unit of the token before it: the same span, or the same word outside of spans. */
function sameUnit(words: Int32Array, spans: Int32Array | null, position: number): boolean {
  if (words[position] < 0 || words[position - 1] < 0) return false
  if (!spans || (spans[position] < 0 && spans[position - 1] < 0))
    return words[position] === words[position - 1]
  return spans[position] === spans[position - 1]
}

function spansOf(input: Input, level: Level): Int32Array | null {
  if (level === 'basic') return null
  const spans = level === 'phrase' ? input.phrases : input.entities
  if (spans) return spans
  throw new EverlearnError(
    'CORPUS_WITHOUT_SPANS',
    `${name} is to mask at the ${level} level, but the corpus has no ${level} spans; prepare it with annotation, or ` +
      `give levels: { basic: 1 }`,
  )
}
