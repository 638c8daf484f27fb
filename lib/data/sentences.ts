import type { Language } from './manifest.ts'
import { chineseSentenceEnds } from './sentences-chinese.ts'
import { englishSentenceEnds } from './sentences-english.ts'

/** Finds the sentences of a paragraph: where each ends, exclusive, ascending, the last being the text's length. */
export type SentenceSplitter = (text: string) => number[]

/** Rules, not a model: they look at punctuation, capitals and lists of abbreviations. Between words only. */
export const sentenceSplitters: Record<Language, SentenceSplitter> = {
  en: englishSentenceEnds,
  zh: chineseSentenceEnds,
}
