import { z } from 'zod'
import {
  type Annotation,
  type Corpus,
  drawWeighted,
  EverlearnError,
  ordinaryTokens,
  readOptions,
  type TokenTask,
} from '../../lib/index.ts'

const levels = ['basic', 'word', 'phrase', 'entity'] as const
type Level = (typeof levels)[number]
type LevelWeights = Partial<Record<Level, number>>

const name = 'knowledge-masking'
const weight = z.number().nonnegative().default(0)
const entry = z
  .strictObject({
    from: z.number().nonnegative(),
    basic: weight,
    word: weight,
    phrase: weight,
    entity: weight,
  })
  .refine((weights) => levels.some((level) => weights[level] > 0), 'one level must have a weight above 0')
const ascends = (entries: { from: number }[]) =>
  entries.every(({ from }, index) => (index === 0 ? from === 0 : from > entries[index - 1].from))

const schema = z.strictObject({
  /** Share of the text's tokens that is expected to be drawn. */
  probability: z.number().min(0).max(1).default(0.15),
  /** Whether each token of a drawn unit has its own fate, as in the released code, or the whole unit has one. */
  maskPer: z.enum(['token', 'unit']).default('token'),
  levels: z
    .preprocess(
      (given) => (Array.isArray(given) ? given : [{ from: 0, ...(given as object) }]),
      z
        .array(entry)
        .min(1)
        .refine(ascends, 'the first must be from 0 and each later one from a greater number'),
    )
    .default([{ from: 0, basic: 1, word: 0, phrase: 0, entity: 0 }]),
})

export interface KnowledgeMaskingOptions extends Omit<z.input<typeof schema>, 'levels'> {
  /**
   * How often an input is masked by basic units, words, phrases and entities, relative to each other, `{ basic: 1 }` if
   * not given; or a list of such weights, each in use `from` so many stages done, 1.5 being half through the second.
   */
  levels?: LevelWeights | (LevelWeights & { from: number })[]
}

/**
 * Knowledge masking (ERNIE 2.0, section 4.2, "Knowledge Masking Task"; ERNIE 1.0, section 3.2): the model predicts
 * whole words, phrases or named entities that were masked. Each unit is drawn by itself, so that 15 % of the tokens are
 * expected; a drawn token becomes [MASK] with probability 0.8, a random token with 0.1 and stays with 0.1. At the
 * phrase and entity levels the words outside such spans are units too. Special tokens are never drawn, and an input is
 * masked anew each time it is seen. Held-out text is masked by the last weights of a schedule.
 */
export function knowledgeMasking(given: KnowledgeMaskingOptions = {}): TokenTask {
  const { probability, maskPer, levels: entries } = readOptions(name, schema, given)
  const schedule = entries.map(({ from, ...weights }) => ({
    from,
    weights: levels.map((level) => weights[level]),
  }))

  return {
    kind: 'token',
    name,
    head: { kind: 'masked-language-model' },

    check(corpus) {
      const used = levels.filter((level) => entries.some((weights) => weights[level] > 0))
      const level = used.find((each) => needsAnnotation(each, corpus))
      if (level === undefined) return
      throw new EverlearnError(
        'CORPUS_WITHOUT_SPANS',
        `${name} is to mask at the ${level} level, but ${corpus.directory} is not annotated; prepare it with annotation, ` +
          'or give levels: { basic: 1 }',
      )
    },

    annotate(input, random, { vocabulary, progress }): Annotation {
      let current = schedule[0]
      for (const each of schedule) if (each.from <= progress) current = each
      const level = levels[drawWeighted(current.weights, random)]
      const words = level === 'basic' ? input.basic : input.words
      const spans = level === 'phrase' ? input.phrases : level === 'entity' ? input.entities : null
      const candidates = ordinaryTokens(vocabulary)
      const length = input.ids.length
      const positions = new Int32Array(length)
      const labels = new Int32Array(length)
      const ids = new Int32Array(length)
      let count = 0

      for (let start = 0, end = 0; start < length; start = end) {
        do end++
        while (end < length && sameUnit(words, spans, end))
        if (words[start] < 0 || random.uniform() >= probability) continue
        let fate = random.uniform()
        for (let position = start; position < end; position++, count++) {
          if (maskPer === 'token' && position > start) fate = random.uniform()
          positions[count] = position
          labels[count] = input.ids[position]
          if (fate < 0.8) ids[count] = vocabulary.mask
          else if (fate < 0.9) ids[count] = candidates[random.below(candidates.length)]
          else ids[count] = input.ids[position]
        }
      }
      return {
        positions: positions.subarray(0, count),
        labels: labels.subarray(0, count),
        ids: ids.subarray(0, count),
        unit: level,
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

/** Whether a corpus has the units of a level only if it is annotated; English words are there in any case. */
function needsAnnotation(level: Level, { annotated, manifest: { language } }: Corpus): boolean {
  if (annotated || level === 'basic') return false
  return level !== 'word' || language !== 'en'
}
