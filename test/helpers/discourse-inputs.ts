import type { Corpus, Language } from '../../lib/data/corpus.ts'
import { createRandom } from '../../lib/data/random.ts'
import type { Input } from '../../lib/data/task.ts'
import { createVocabulary, type Vocabulary } from '../../lib/tokenizer/vocabulary.ts'
import { type DiscourseRelationOptions, discourseRelation } from '../../tasks/pretrain/discourse-relation.ts'
import { smallVocabulary } from './corpus.ts'

/** Inputs of `count` slots, the window and random numbers of each its own. */
export function drawMany(
  corpus: Corpus,
  count: number,
  options: DiscourseRelationOptions = {},
  maxLength = 128,
) {
  const task = discourseRelation(options)
  task.check?.(corpus)
  const inputs: Input[] = []
  for (let slot = 0; slot < count; slot++) {
    const window = Math.floor(((slot + 0.5) / count) * corpus.tokenCount)
    const source = { corpus, vocabulary: corpus.vocabulary, maxLength, window }
    const input = task.draw(source, createRandom(2, 'draw', slot))
    if (input) inputs.push(input)
  }
  return { inputs, classNames: task.classNames }
}

/** The pieces of both segments, with a ^ on those of words that count as capitalized. */
export function segmentsOf(corpus: Corpus, input: Input): string[] {
  return [0, 1].map((segment) => {
    const own = [...input.ids.keys()].filter((i) => input.segments[i] === segment && input.words[i] >= 0)
    const pieces = own.map((i) => `${input.capitals[i] ? '^' : ''}${corpus.vocabulary.tokens[input.ids[i]]}`)
    return pieces.join(' ')
  })
}

/** A vocabulary of the words of sentences, or characters of Chinese, and of those that may fill up a corpus. */
export function vocabularyOf(sentences: string[], language: Language): Vocabulary {
  if (language === 'en')
    return smallVocabulary(
      [...sentences, 'they left then was it so came back']
        .join(' ')
        .toLowerCase()
        .match(/[a-z]+/g)!,
    )
  const characters = new Set([...sentences.join(''), ...'这是第一二三句话但。，'])
  return createVocabulary(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...characters])
}

export const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
