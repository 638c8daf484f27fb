import type { Annotator } from './annotator.ts'
import { englishEntities } from './english-entities.ts'
import { englishPhrases } from './english-phrases.ts'
import { createEnglishTagger } from './english-tagger.ts'
import { type EnglishToken, englishTokens } from './english-tokens.ts'

/** Tokens the tagger is given at a time, so that a paragraph of any length takes bounded memory. */
const tokensAtOnce = 1000

/** Phrases and entities of English text by wink-nlp's parts of speech and this project's tables; see docs/annotation.md. */
export function createEnglishAnnotator(): Annotator {
  const tagger = createEnglishTagger()
  return (paragraph, sentenceEnds) => {
    const phrases: number[] = []
    const entities: number[] = []
    let waiting: EnglishToken[][] = []
    let count = 0
    const finish = () => {
      tagger.tag(waiting.flat())
      for (const sentence of waiting) phrases.push(...englishPhrases(sentence))
      entities.push(...englishEntities(waiting, tagger))
      waiting = []
      count = 0
    }
    let start = 0
    for (const end of sentenceEnds) {
      const tokens = englishTokens(paragraph, start, end)
      start = end
      for (let from = 0; from < tokens.length; from += tokensAtOnce) {
        const part = tokens.slice(from, from + tokensAtOnce)
        waiting.push(part)
        count += part.length
        if (count >= tokensAtOnce) finish()
      }
    }
    finish()
    return { phrases, entities }
  }
}
