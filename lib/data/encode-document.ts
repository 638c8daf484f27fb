import { createPieceList, type WordPiece } from '../tokenizer/wordpiece.ts'
import type { TextAnnotation } from './annotate/annotator.ts'
import { createCuts } from './cuts.ts'
import type { CorpusCounts } from './manifest.ts'
import type { SentenceSplitter } from './sentences.ts'
import { writeWordCounts } from './word-counts.ts'

/** A document on its way into a corpus. */
export interface EncodedDocument {
  ids: Uint32Array
  /** As {@link Document.flags}. */
  flags: Uint8Array
  /** As {@link Document.sentences} and {@link Document.paragraphs}, with their closing values. */
  sentences: number[]
  paragraphs: number[]
  /** As {@link Document.phrases} and {@link Document.entities}. */
  phrases: number[]
  entities: number[]
  counts: CorpusCounts
}

export interface DocumentEncoder {
  /**
   * Adds a paragraph: its text, or its sentences where they are known.
   *
   * @param annotation of a paragraph given as text
   * @param sentenceEnds of it, found here if not given
   */
  addParagraph(
    paragraph: string | readonly string[],
    annotation?: TextAnnotation,
    sentenceEnds?: readonly number[],
  ): void
  /** The document of the paragraphs added since the last call; null when they hold no token. */
  finish(): EncodedDocument | null
}

/** Turns paragraphs into the pieces and boundaries of a document. Sentences and paragraphs without a token are dropped. */
export function createDocumentEncoder(wordPiece: WordPiece, split: SentenceSplitter): DocumentEncoder {
  const pieces = createPieceList()
  let sentences: number[] = []
  let paragraphs: number[] = []
  let spans: { phrases: number[]; entities: number[] } = { phrases: [], entities: [] }
  /** Tokens at which words begin, where these are not the words of WordPiece. */
  let words: number[] | undefined

  const addSentence = (text: string, start: number, end: number) => {
    const first = pieces.length
    wordPiece.append(text, start, end, pieces)
    if (pieces.length > first) sentences.push(first)
  }
  /** Adds a paragraph cut at every boundary of the annotation, so that each has its token. */
  const addAnnotated = (text: string, annotation: TextAnnotation, sentenceEnds: readonly number[]) => {
    const cuts = createCuts(text, sentenceEnds, annotation)
    tokens = new Map()
    let start = 0
    let first = pieces.length
    for (const { at, endsSentence } of cuts.places) {
      wordPiece.append(text, start, at, pieces)
      tokens.set(at, pieces.length)
      start = at
      if (!endsSentence) continue
      if (pieces.length > first) sentences.push(first)
      first = pieces.length
    }
    for (const kind of ['phrases', 'entities'] as const) {
      const list = cuts[kind]
      for (let index = 0; index < list.length; index += 2) {
        const [from, end] = [tokenAt(list[index]), tokenAt(list[index + 1])]
        if (end > from) spans[kind].push(from, end)
      }
    }
    if (cuts.words) {
      words ??= []
      for (const word of cuts.words) words.push(tokenAt(word))
    }
  }
  let firstOfParagraph = 0
  /** Of a place in an annotated paragraph, the token that begins there. */
  let tokens = new Map<number, number>()
  const tokenAt = (place: number) => (place === 0 ? firstOfParagraph : (tokens.get(place) as number))
  return {
    addParagraph(paragraph, annotation, sentenceEnds) {
      const first = sentences.length
      firstOfParagraph = pieces.length
      if (typeof paragraph !== 'string') {
        for (const sentence of paragraph) addSentence(sentence, 0, sentence.length)
      } else if (annotation) {
        addAnnotated(paragraph, annotation, sentenceEnds ?? split(paragraph))
      } else {
        let start = 0
        for (const end of sentenceEnds ?? split(paragraph)) {
          addSentence(paragraph, start, end)
          start = end
        }
      }
      if (sentences.length > first) paragraphs.push(first)
    },
    finish() {
      const { length } = pieces
      const counts = { ...noCounts(), documents: 1, tokens: length }
      const ids = new Uint32Array(length)
      const flags = new Uint8Array(length)
      for (let index = 0; index < length; index++) {
        const packed = pieces.packed[index]
        ids[index] = packed >>> 2
        // A piece that begins a word of WordPiece begins a basic unit, and a word unless somebody knows better.
        flags[index] = (packed & 3) | ((packed & 1) << 2)
        if (ids[index] === wordPiece.vocabulary.unknown) counts.unknown++
      }
      if (words) setWordStarts(flags, words)
      writeWordCounts(ids, flags)
      for (const flag of flags) counts.words += flag & 1
      counts.sentences = sentences.length
      counts.paragraphs = paragraphs.length
      counts.phrases = spans.phrases.length / 2
      counts.entities = spans.entities.length / 2
      sentences.push(length)
      paragraphs.push(sentences.length - 1)
      const document = { ids, flags, sentences, paragraphs, ...spans, counts }
      pieces.length = 0
      sentences = []
      paragraphs = []
      spans = { phrases: [], entities: [] }
      words = undefined
      return length > 0 ? document : null
    },
  }
}

/** Leaves the word-start bit only at the tokens of `words`, the first token and those after sentence ends among them. */
function setWordStarts(flags: Uint8Array, words: readonly number[]): void {
  for (let index = 0; index < flags.length; index++) flags[index] &= ~1
  for (const word of words) if (word < flags.length) flags[word] |= 1
}

/** Counts of nothing. */
export function noCounts(): CorpusCounts {
  return {
    documents: 0,
    paragraphs: 0,
    sentences: 0,
    words: 0,
    tokens: 0,
    unknown: 0,
    phrases: 0,
    entities: 0,
  }
}

/** Adds `counts` to `total`. */
export function addCounts(total: CorpusCounts, counts: CorpusCounts): void {
  for (const name of Object.keys(total) as (keyof CorpusCounts)[]) total[name] += counts[name]
}
