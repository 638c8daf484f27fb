import type { Vocabulary } from '../tokenizer/vocabulary.ts'
import type { Corpus, CorpusKind } from './corpus.ts'
import type { Random } from './random.ts'

/**
 * One input sequence, `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]` …, before any token task has changed it. All arrays
 * have one element a token, specials included.
 */
export interface Input {
  ids: Int32Array
  /** Segment type, 0 to 3. */
  segments: Int32Array
  /** Index of the token's word within the input, ascending; -1 on specials. In annotated Chinese text of its segmenter. */
  words: Int32Array
  /** Index of the token's basic unit: an English word, a Chinese character; -1 on specials. */
  basic: Int32Array
  /** 1 where the word's first letter is upper-case in the raw text. */
  capitals: Uint8Array
  /** Index of the phrase or entity that holds the token, -1 outside and where the corpus is not annotated. */
  phrases: Int32Array
  entities: Int32Array
  /** Where its text stood, in the order of the segments. */
  spans: InputSpan[]
  /** Class of the sentence task; absent in token-only steps. */
  label?: number
}

/** Tokens `start` to `end - 1` of a document, of which the first stands at `position` of an input. */
export interface InputSpan {
  document: number
  start: number
  end: number
  position: number
}

/** Where a sentence task finds the text of one slot: a pure function of seed, step and slot. */
export interface DrawSource {
  corpus: Corpus
  vocabulary: Vocabulary
  /** Most tokens an input may have, specials included. */
  maxLength: number
  /** Token of the corpus at which this slot's text starts; in a corpus of pairs the first token of a row. */
  window: number
}

interface TaskBase {
  /** Unique within a run; names the head, its figures and its place in files. */
  name: string
  /**
   * Kinds of corpus that it uses where the plan does not say which tasks a corpus is for: `['text']` if not given (as in
   * ERNIE 2.0, Table 1, where labelled pairs serve their own task only).
   */
  corpora?: readonly CorpusKind[]
  /** Throws an EverlearnError where the corpus can never serve the task. Called once for each corpus, before training. */
  check?(corpus: Corpus): void
}

/** A task with one label for a whole input. It lays the input out. */
export interface SentenceTask extends TaskBase {
  kind: 'sentence'
  classNames: string[]
  /**
   * Classes to judge among themselves where an input shows which of these groups its label is of: within a group the
   * likeliest of its classes is the prediction.
   */
  groups?: { name: string; classes: number[] }[]
  /** What a document needs, for the message when a corpus has none: `documents of at least 3 sentences`. */
  needs: string
  /**
   * The segments of one input and its label, or null when the document at `source.window` cannot give it. It is then
   * called again with another window and the same random numbers: a class drawn first stays the same whatever the
   * document, so documents that cannot serve it do not change how often it occurs.
   */
  draw(source: DrawSource, random: Random): Input | null
}

/** A task with labels for tokens of an input that was laid out by somebody else. */
export interface TokenTask extends TaskBase {
  kind: 'token'
  head: TokenHead
  annotate(input: Input, random: Random, context: AnnotationContext): Annotation
}

export type Task = SentenceTask | TokenTask

export type TokenHead =
  | { kind: 'masked-language-model' }
  | { kind: 'token-classification'; classNames: string[] }

export interface AnnotationContext {
  corpus: Corpus
  vocabulary: Vocabulary
  /** Stages that are done, the current one by its share of steps: 1.5 is half through the second. Infinity on held-out text. */
  progress: number
  /** Positions, ascending, whose ids a task before this one has changed: what stands there cannot be read. */
  taken?: Int32Array
}

export interface Annotation {
  /** Labelled tokens, ascending positions in the input, never a special. */
  positions: Int32Array
  /** Class, or original id for masked language modelling, of each position. */
  labels: Int32Array
  /** New id of each position, only from tasks whose head is a masked language model. */
  ids?: Int32Array
  /** By which units the positions were drawn, for those who look at samples (`everlearn inspect`); training needs it not. */
  unit?: MaskingUnit
}

/** Units that text can be masked by; words outside of phrases and entities are units of those levels too. */
export type MaskingUnit = 'basic' | 'word' | 'phrase' | 'entity'

export type { Random }
