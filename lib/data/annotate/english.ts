import type { Annotator, Paragraph } from './annotator.ts'
import { englishEntities } from './english-entities.ts'
import { englishPhrases } from './english-phrases.ts'
import { createEnglishTagger, type EnglishTagger } from './english-tagger.ts'
import { type EnglishToken, englishTokens } from './english-tokens.ts'

/** Tokens the tagger is given at a time, so that text of any length takes bounded memory. */
const tokensAtOnce = 1000

/** Sentences of a paragraph that are looked at together, and where to put what is found in them. */
interface Passage {
  sentences: EnglishToken[][]
  length: number
  phrases: number[]
  entities: number[]
}

/** Phrases and entities of English text by wink-nlp's parts of speech and this project's tables; see docs/annotation.md. */
export function createEnglishAnnotator(): Annotator {
  const tagger = createEnglishTagger()
  return (paragraphs) => {
    let waiting: Passage[] = []
    let count = 0
    const annotations: { phrases: number[]; entities: number[] }[] = []
    for (const paragraph of paragraphs) {
      const annotation = { phrases: [], entities: [] }
      annotations.push(annotation)
      for (const passage of passagesOf(paragraph, annotation)) {
        waiting.push(passage)
        count += passage.length
        if (count < tokensAtOnce) continue
        finish(waiting, tagger)
        waiting = []
        count = 0
      }
    }
    finish(waiting, tagger)
    return annotations
  }
}

/** The sentences of a paragraph, so many together as have {@link tokensAtOnce}; a longer one in parts. */
function* passagesOf(
  { text, sentenceEnds }: Paragraph,
  found: { phrases: number[]; entities: number[] },
): Generator<Passage> {
  let passage: Passage = { sentences: [], length: 0, ...found }
  let start = 0
  for (const end of sentenceEnds) {
    const tokens = englishTokens(text, start, end)
    start = end
    for (let from = 0; from < tokens.length; from += tokensAtOnce) {
      const part = tokens.slice(from, from + tokensAtOnce)
      passage.sentences.push(part)
      passage.length += part.length
      if (passage.length < tokensAtOnce) continue
      yield passage
      passage = { sentences: [], length: 0, ...found }
    }
  }
  if (passage.length > 0) yield passage
}

function finish(passages: readonly Passage[], tagger: EnglishTagger): void {
  tagger.tag(passages.map(({ sentences }) => sentences))
  for (const { sentences, phrases, entities } of passages) {
    for (const sentence of sentences) phrases.push(...englishPhrases(sentence))
    entities.push(...englishEntities(sentences, tagger))
  }
}
