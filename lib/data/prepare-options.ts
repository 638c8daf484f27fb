import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { EverlearnError } from '../error.ts'
import { readVocabulary, type Vocabulary } from '../tokenizer/vocabulary.ts'
import type { CorpusSettings } from './corpus-writer.ts'
import type { BadRows, EncodeSettings } from './encode-chunk.ts'
import { findInputs } from './inputs/find-inputs.ts'
import { defaultReading, type Input, type InputFormat } from './inputs/input.ts'
import type { CorpusCounts, Language } from './manifest.ts'
import { sentenceSplitters } from './sentences.ts'

export interface PrepareOptions {
  /** Files, globs, or `-` for standard input: text, JSONL, Parquet, see {@link findInputs}. A file ends a document. */
  inputs: readonly string[]
  /** Vocabulary file, see {@link readVocabulary}. */
  vocabulary: string
  /** Directory to make: the corpus, or with `heldOut` two corpora, `train` and `held-out`, in it. */
  out: string
  language: Language
  lowerCase: boolean
  /** Format of all inputs; by default their endings tell. */
  format?: InputFormat
  /** Of JSONL and Parquet, the field that holds the text, `text` unless told. */
  field?: string
  /** Makes a corpus of labelled pairs from columns with these names. */
  pairs?: {
    first: string
    second: string
    label?: string
    /** Names of the labels by their value in the column: no other value may occur. */
    labels?: Record<string, string>
  }
  /** Leave out rows that cannot be used, and count them, instead of stopping at the first. */
  skipBadLines?: boolean
  /** Name of the source of all documents, instead of the name of each one's file. */
  source?: string
  /** Look for phrases, entities and, in Chinese, words. */
  annotate?: boolean
  /** Files of phrases and of names of the user's own, one a line, that are looked for besides. */
  phrases?: readonly string[]
  entities?: readonly string[]
  /** File of the spans in the one input, a text, instead of looking for them; see docs/cli.md. */
  spans?: string
  /**
   * Share of the documents to hold out, 0 to 1. Which ones depends on their text only, of pairs on the first text, not
   * on order or company.
   */
  heldOut?: number
  /** Replace `out` if it is a corpus. */
  force?: boolean
  /** Threads that encode; by default one a core, none for little text. The corpus is the same for any number. */
  threads?: number
  /** Tokens after which a new piece is begun, 2^26 unless told. */
  tokensPerPiece?: number
  /** Bytes a line may have, 16 MiB unless told. */
  longestLine?: number
  /** Characters a document may have, 2^25 unless told: one document at a time is held in memory by each thread. */
  longestDocument?: number
  /** URL of a module with another `createAnnotator`. */
  annotator?: string
  /** Called about once a megabyte of text. */
  onProgress?: (progress: PrepareProgress) => void
  /** Stops the work and removes what was written. */
  signal?: AbortSignal
}

export interface PrepareProgress {
  /** File being read. */
  file: string
  /** Bytes read of the files as they are on disk, and the sum of their sizes; null when there is standard input. */
  bytesRead: number
  bytesTotal: number | null
  documents: number
  tokens: number
  seconds: number
}

export interface PrepareReport {
  /** The corpora made: `out` itself, or `out/train` and `out/held-out`. */
  corpora: { directory: string; counts: CorpusCounts }[]
  /** Of all corpora together. */
  counts: CorpusCounts
  /** Share of the tokens that are `[UNK]`. */
  unknownShare: number
  /** Rows that were left out. */
  bad: BadRows
  /** Unpacked size of the text. */
  bytes: number
  seconds: number
  megabytesPerSecond: number
}

/** Options that have been checked, with what they name. */
export interface PrepareJob {
  inputs: Input[]
  vocabulary: Vocabulary
  encode: EncodeSettings
  corpus: CorpusSettings
  /** Directories of the corpora in `out`. */
  names: string[]
  threads: number
}

/** Text on disk that keeps a thread busy long enough to be worth its start: plain, and annotated. */
const bytesPerThread = { plain: 1 << 22, annotated: 1 << 20 }

/**
 * Checks the options.
 *
 * @throws EverlearnError `OPTION_INVALID`, what is wrong with the inputs and what {@link readVocabulary} throws
 */
export function prepareJob(options: PrepareOptions): PrepareJob {
  const { language, lowerCase, heldOut = 0, pairs, spans, phrases = [], entities = [] } = options
  checkOptions(options)
  const inputs = findInputs(options.inputs, { format: options.format, pairs: pairs !== undefined })
  checkSpans(options, inputs)
  const vocabulary = readVocabulary(options.vocabulary)
  const annotate = options.annotate === true || phrases.length > 0 || entities.length > 0
  const { longestLine, longestDocument } = { ...defaultReading, ...definedOf(options) }
  return {
    inputs,
    vocabulary,
    encode: {
      vocabulary: vocabulary.tokens,
      language,
      lowerCase,
      reading: {
        field: options.field ?? defaultReading.field,
        pairs: pairs ? { ...pairs, label: pairs.label ?? null, labels: pairs.labels ?? null } : null,
        longestLine,
        longestDocument,
      },
      heldOut,
      skipBadLines: options.skipBadLines === true,
      source: options.source ?? null,
      annotation: annotate ? { module: options.annotator ?? defaultAnnotator(), phrases, entities } : null,
    },
    corpus: {
      kind: pairs ? 'pairs' : 'text',
      language,
      lowerCase,
      annotated: annotate || spans !== undefined,
    },
    names: heldOut > 0 ? ['train', 'held-out'] : [''],
    threads: spans === undefined ? (options.threads ?? usefulThreads(inputs, annotate)) : 0,
  }
}

const defaultAnnotator = (): string =>
  new URL(`./annotate/annotator${extname(import.meta.url)}`, import.meta.url).href

function definedOf({ longestLine, longestDocument }: PrepareOptions) {
  return { ...(longestLine && { longestLine }), ...(longestDocument && { longestDocument }) }
}

function usefulThreads(inputs: Input[], annotate: boolean): number {
  const bytes = inputs.reduce((sum, { size }) => sum + (size ?? Number.POSITIVE_INFINITY), 0)
  const useful = Math.floor(bytes / bytesPerThread[annotate ? 'annotated' : 'plain'])
  const threads = Math.min(availableParallelism(), useful)
  return threads > 1 ? threads : 0
}

function checkOptions({ language, heldOut = 0, threads = 0, pairs }: PrepareOptions): void {
  if (!Object.hasOwn(sentenceSplitters, language)) {
    throw invalid(
      `there is no language ${language}; choose one of ${Object.keys(sentenceSplitters).join(', ')}`,
    )
  }
  if (!(heldOut >= 0 && heldOut < 1)) {
    throw invalid(`the held-out share is ${heldOut}; it must be at least 0 and below 1, such as 0.05`)
  }
  if (!(Number.isInteger(threads) && threads >= 0 && threads <= 256)) {
    throw invalid(`${threads} threads were asked for; give a whole number from 0 to 256`)
  }
  if (pairs?.labels && pairs.label === undefined) {
    throw invalid('labels were named, but no column holds them; add label=COLUMN to the columns')
  }
}

function checkSpans(
  { spans, annotate, phrases, entities, threads, pairs }: PrepareOptions,
  inputs: Input[],
): void {
  if (spans === undefined) return
  if (annotate || phrases?.length || entities?.length) {
    throw invalid('spans are given, and annotation is asked for as well; choose one of the two')
  }
  if (threads) throw invalid('spans are read along with the text, in one thread; leave --threads out')
  if (pairs || inputs.length !== 1 || inputs[0].format !== 'text') {
    throw invalid('spans go with one input that is plain text; prepare other inputs by themselves')
  }
}

function invalid(message: string): EverlearnError {
  return new EverlearnError('OPTION_INVALID', message)
}
