import type { Language } from '../manifest.ts'
import { createChineseAnnotator } from './chinese.ts'
import { readDictionaries } from './dictionary.ts'
import { createEnglishAnnotator } from './english.ts'
import { overlay, type Spans, withEdges } from './spans.ts'
import { wordBounds } from './words.ts'

/** Units of a paragraph. Offsets are UTF-16 units in it. Spans begin and end between words of BERT's pre-tokeniser. */
export interface TextAnnotation {
  /** Where words begin, ascending; only for languages without blanks between words. */
  words?: number[]
  /** Flat pairs start, end: ascending, not overlapping, never crossing a sentence end. */
  phrases: Spans
  entities: Spans
}

/** A paragraph with its sentence ends, see {@link SentenceSplitter}. */
export interface Paragraph {
  text: string
  sentenceEnds: readonly number[]
}

/** Finds the units of paragraphs. Those of a paragraph depend on itself only, but many together take less time. */
export type Annotator = (paragraphs: readonly Paragraph[]) => TextAnnotation[]

export interface AnnotatorOptions {
  language: Language
  /** Files of a user's own phrases and names, see {@link readDictionaries}. They win over what the library finds. */
  phrases?: readonly string[]
  entities?: readonly string[]
}

const annotators: Record<Language, () => Annotator> = {
  en: createEnglishAnnotator,
  zh: createChineseAnnotator,
}

/** Makes an annotator, which takes 0.3 s. @throws EverlearnError what {@link readDictionaries} throws */
export async function createAnnotator(options: AnnotatorOptions): Promise<Annotator> {
  const phrases = await readDictionaries(options.phrases ?? [])
  const entities = await readDictionaries(options.entities ?? [])
  const annotate = annotators[options.language]()
  if (phrases === null && entities === null) return annotate
  return (paragraphs) => {
    const found = annotate(paragraphs)
    return paragraphs.map(({ text, sentenceEnds }, index) => {
      const bounds = wordBounds(text)
      const ownPhrases = phrases?.match(text, bounds, sentenceEnds) ?? []
      const ownEntities = entities?.match(text, bounds, sentenceEnds) ?? []
      const { words } = found[index]
      return {
        ...(words && { words: withEdges(words, [...ownPhrases, ...ownEntities], bounds) }),
        phrases: overlay(ownPhrases, found[index].phrases),
        entities: overlay(ownEntities, found[index].entities),
      }
    })
  }
}
