/** What an annotator found in a paragraph. Offsets are UTF-16 units in its text. */
export interface TextAnnotation {
  /** Where words begin, ascending; only for languages without blanks between words. */
  words?: number[]
  /** Start and end (exclusive) of each phrase: ascending, none overlapping another, each inside one sentence. */
  phrases: number[]
  /** The same of named entities. */
  entities: number[]
}

/** Finds the words, phrases and entities of a paragraph whose sentences end at `sentenceEnds`. */
export type Annotator = (paragraph: string, sentenceEnds: readonly number[]) => TextAnnotation
