import { Jieba } from '@node-rs/jieba'
import { dict } from '@node-rs/jieba/dict.js'
import type { Annotator, Paragraph, TextAnnotation } from './annotator.ts'
import { chineseEntities } from './chinese-entities.ts'
import { chinesePhrases } from './chinese-phrases.ts'
import { chineseWords } from './chinese-words.ts'
import { withEdges } from './spans.ts'
import { wordBounds } from './words.ts'

/** Words, phrases and entities of Chinese text by jieba's dictionary and this project's tables; see docs/annotation.md. */
export function createChineseAnnotator(): Annotator {
  const jieba = Jieba.withDict(dict)
  return (paragraphs) => paragraphs.map((paragraph) => annotate(jieba, paragraph))
}

function annotate(jieba: Jieba, { text, sentenceEnds }: Paragraph): TextAnnotation {
  const starts: number[] = []
  const phrases: number[] = []
  const entities: number[] = []
  let start = 0
  for (const end of sentenceEnds) {
    const words = chineseWords(jieba, text, start, end)
    for (const word of words) starts.push(word.start)
    for (const bound of chinesePhrases(words)) phrases.push(bound)
    for (const bound of chineseEntities(words, text, start, end)) entities.push(bound)
    start = end
  }
  return { words: withEdges(starts, [...phrases, ...entities], wordBounds(text)), phrases, entities }
}
