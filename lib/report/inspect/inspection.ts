import type { CorpusCounts, CorpusKind, Language } from '../../data/manifest.ts'

/** What `everlearn inspect` found, as plain data: the same object is printed, made into a page, and given as JSON. */
export interface Inspection {
  corpus: CorpusFacts
  seed: number
  /** Most tokens of the inputs drawn, specials included. */
  maxLength: number
  samples?: TaskSamples
  statistics?: CorpusStatistics
}

export interface CorpusFacts {
  directory: string
  kind: CorpusKind
  language: Language
  lowerCase: boolean
  annotated: boolean
  /** Pieces of the vocabulary. */
  vocabulary: number
  /** Of the whole corpus, from its manifest. */
  counts: CorpusCounts
}

/** Inputs as training draws them. */
export interface TaskSamples {
  /** The sentence task if there is one, then the token tasks. */
  tasks: InspectedTask[]
  samples: Sample[]
}

export interface InspectedTask {
  name: string
  /** What it predicts: a class of the input, a class of each word, or the tokens that were masked. */
  predicts: 'class' | 'labels' | 'tokens'
  /** Empty where tokens are predicted. */
  classNames: string[]
  options: Record<string, unknown>
}

export interface Sample {
  /** Tokens, specials included. */
  length: number
  /** Class of the sentence task. */
  label?: number
  segments: SampleSegment[]
  /** What the units are that a masking task drew, such as `phrase`; {@link SampleWord.unit} is an index of it. */
  units: string[]
}

/** The text between two special tokens. */
export interface SampleSegment {
  /** Segment type of its tokens: what the encoder is told of its place. */
  slot: number
  /** Where the text stood. */
  places: SamplePlace[]
  words: SampleWord[]
}

export interface SamplePlace {
  document: number
  source: string
  /** Tokens `start` to `end - 1` of the document, which has `tokens`. */
  start: number
  end: number
  tokens: number
  /** Of the places that the sample has in this document, the how manieth in the order of the text, from 1. */
  rank: number
  /** How many places the sample has in this document. */
  ranks: number
}

/** A basic unit: an English word, a Chinese character. The lists have one element a piece. */
export interface SampleWord {
  /** Before masking; pieces that go on begin with `##`. */
  pieces: string[]
  /** What the encoder sees in place of a piece that a masking task drew; null: it was not drawn. */
  seen: (string | null)[]
  /** Index of the unit that was drawn, in {@link Sample.units}; null: none, or the task does not say. */
  unit: number | null
  /** By token-classification task, the class of each piece; null: none. */
  labels: Record<string, (number | null)[]>
  /** Whether text would have a blank before it. The corpus does not keep blanks: a guess, for reading. */
  blankBefore: boolean
}

export interface CorpusStatistics {
  sampled: { documents: number; tokens: number; sentences: number }
  /** Lengths in tokens of the documents and sentences sampled. */
  documentLengths: Histogram
  sentenceLengths: Histogram
  /** Share of the tokens sampled that lie in phrases and entities. */
  phraseShare: number
  entityShare: number
  /** Different pieces among the tokens sampled. */
  distinctTokens: number
  /** The most frequent pieces among the tokens sampled. */
  frequentTokens: { piece: string; count: number }[]
  /** Documents sampled by where they come from, the most frequent first; at most 12. */
  sources: { name: string; documents: number }[]
  /** How many more sources the documents sampled come from. */
  otherSources: number
  /** Pairs sampled by label; empty where the corpus has none. */
  labels: { name: string; documents: number }[]
  tasks: TaskBalance[]
}

export interface Histogram {
  count: number
  mean: number
  median: number
  /** 95 of 100 are not above it. */
  percentile95: number
  longest: number
  /** Lengths `from` to `to`, bounds doubling. */
  bins: { from: number; to: number; count: number }[]
}

/** How the labels of a task are distributed over inputs drawn from the corpus. */
export interface TaskBalance {
  task: string
  predicts: InspectedTask['predicts']
  /** Why the task does not use the corpus; nothing was drawn then. */
  refused?: string
  inputs: number
  /** Mean tokens of an input, specials included. */
  meanLength: number
  /** Labels of all inputs: classes of inputs or words, or masked tokens. */
  labels: number
  /** Share of the text's tokens that have a label; 0 for classes of inputs. */
  labelledShare: number
  classes: { name: string; count: number }[]
}
