import { createHash, type Hash } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { EverlearnError } from '../error.ts'
import { readVocabulary } from '../tokenizer/vocabulary.ts'
import { createWordPiece } from '../tokenizer/wordpiece.ts'
import { createCorpusWriter } from './corpus-writer.ts'
import {
  addCounts,
  createDocumentEncoder,
  type DocumentEncoder,
  type EncodedDocument,
  noCounts,
} from './encode-document.ts'
import type { CorpusCounts, Language } from './manifest.ts'
import { isEmptyOrHas, writeDirectory } from './out-directory.ts'
import { sentenceSplitters } from './sentences.ts'
import { readLines } from './text-lines.ts'

export interface PrepareOptions {
  /** UTF-8 text files, plain or gzip: one paragraph a line, a blank line between documents. A file ends a document. */
  inputs: readonly string[]
  /** Vocabulary file, see {@link readVocabulary}. */
  vocabulary: string
  /** Directory to make: the corpus, or with `heldOut` two corpora, `train` and `held-out`, in it. */
  out: string
  language: Language
  lowerCase: boolean
  /** Share of the documents to hold out, 0 to 1. Which ones depends on their text only, not on order or company. */
  heldOut?: number
  /** Replace `out` if it is a corpus. */
  force?: boolean
  /** Tokens after which a new piece is begun, 2^26 unless told. */
  tokensPerPiece?: number
  /** Bytes a line may have, 16 MiB unless told. */
  longestLine?: number
  /** Characters a document may have, 2^25 unless told: one document at a time is held in memory. */
  longestDocument?: number
  /** Called about once a megabyte of text. */
  onProgress?: (progress: PrepareProgress) => void
  /** Stops the work and removes what was written. */
  signal?: AbortSignal
}

export interface PrepareProgress {
  /** File being read. */
  file: string
  /** Bytes read of the files as they are on disk, and the sum of their sizes. */
  bytesRead: number
  bytesTotal: number
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
  /** Unpacked size of the text. */
  bytes: number
  seconds: number
  megabytesPerSecond: number
}

/** Files by which a directory is known to be a corpus or a pair of them. */
const marks = ['manifest.json', join('train', 'manifest.json')]

/**
 * Turns text into a corpus of token ids with its documents, paragraphs, sentences and words; see docs/corpus-format.md.
 * Memory does not grow with the text. The directory appears when it is complete; on any failure nothing is left.
 *
 * @throws EverlearnError `OPTION_INVALID`, `INPUT_MISSING`, `OUT_EXISTS`, `OUT_UNWRITABLE`, `CORPUS_EMPTY`,
 * `DOCUMENT_TOO_LONG` and what {@link readVocabulary} and {@link readLines} throw
 */
export async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const { language, lowerCase, out, heldOut = 0, tokensPerPiece = 2 ** 26, force = false } = options
  const began = performance.now()
  checkOptions(options)
  const progress = { file: '', bytesRead: 0, bytesTotal: sizeOfInputs(options.inputs) }
  const vocabulary = readVocabulary(options.vocabulary)
  const encoder = createDocumentEncoder(
    createWordPiece(vocabulary, { lowerCase }),
    sentenceSplitters[language],
  )
  const names = heldOut > 0 ? ['train', 'held-out'] : ['']
  const counts = noCounts()
  let bytes = 0

  const fill = async (directory: string) => {
    const writers = names.map((name) =>
      createCorpusWriter(join(directory, name), {
        vocabulary,
        kind: 'text',
        language,
        lowerCase,
        annotated: false,
        tokensPerPiece,
      }),
    )
    const documents = createDocumentCollector(options, encoder, (document, share) => {
      writers[share < heldOut ? 1 : 0].add(document, basename(progress.file))
      addCounts(counts, document.counts)
    })
    try {
      for (const file of options.inputs) {
        progress.file = file
        const onRead = (read: number) => {
          progress.bytesRead += read
        }
        for await (const batch of readLines(file, options.longestLine ?? 2 ** 24, onRead)) {
          options.signal?.throwIfAborted()
          for (const [index, line] of batch.lines.entries()) {
            documents.addLine(line, file, batch.firstLine + index)
          }
          bytes += batch.bytes
          const { documents: done, tokens } = counts
          options.onProgress?.({ ...progress, documents: done, tokens, seconds: secondsSince(began) })
        }
        documents.end()
      }
      for (const [index, writer] of writers.entries()) {
        if (writer.counts.documents === 0) throw emptyCorpus(options, counts, names[index])
        writer.finish()
      }
    } finally {
      for (const writer of writers) writer.close()
    }
    return writers.map((writer) => writer.counts)
  }
  const mayReplace = (directory: string) => isEmptyOrHas(directory, marks)
  const made = await writeDirectory(out, { force, mayReplace }, fill)
  const seconds = secondsSince(began)
  return {
    corpora: names.map((name, index) => ({ directory: join(out, name), counts: made[index] })),
    counts,
    unknownShare: counts.unknown / counts.tokens,
    bytes,
    seconds,
    megabytesPerSecond: bytes / 1e6 / seconds,
  }
}

/** Gathers lines into documents and hands each on, with the place in 0 … 1 that the hash of its text gives it. */
function createDocumentCollector(
  { heldOut = 0, longestDocument = 2 ** 25 }: PrepareOptions,
  encoder: DocumentEncoder,
  take: (document: EncodedDocument, share: number) => void,
) {
  let length = 0
  let firstLine = 0
  let hash: Hash | undefined
  const end = () => {
    const document = encoder.finish()
    const share = hash === undefined ? 1 : hash.digest().readUInt32BE(0) / 2 ** 32
    length = 0
    hash = undefined
    if (document !== null) take(document, share)
  }
  const addLine = (line: string, file: string, number: number) => {
    if (line.trim() === '') {
      end()
      return
    }
    if (length === 0) firstLine = number
    length += line.length
    if (length > longestDocument) throw documentTooLong(file, firstLine, number, longestDocument)
    if (heldOut > 0) {
      hash ??= createHash('sha256')
      hash.update(line).update('\n')
    }
    encoder.addParagraph(line)
  }
  return { addLine, end }
}

function checkOptions({ inputs, language, heldOut = 0 }: PrepareOptions): void {
  if (!Object.hasOwn(sentenceSplitters, language)) {
    throw new EverlearnError(
      'OPTION_INVALID',
      `there is no language ${language}; choose one of ${Object.keys(sentenceSplitters).join(', ')}`,
    )
  }
  if (!(heldOut >= 0 && heldOut < 1)) {
    throw new EverlearnError(
      'OPTION_INVALID',
      `the held-out share is ${heldOut}; it must be at least 0 and below 1, such as 0.05`,
    )
  }
  if (inputs.length === 0) {
    throw new EverlearnError('INPUT_MISSING', 'no text was given; name at least one UTF-8 file, plain or .gz')
  }
}

function sizeOfInputs(inputs: readonly string[]): number {
  return inputs.reduce((sum, path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined || found.isDirectory()) {
      throw new EverlearnError(
        'INPUT_MISSING',
        `${path} ${found ? 'is a directory' : 'does not exist'}; give UTF-8 text files, plain or .gz`,
      )
    }
    return sum + found.size
  }, 0)
}

function emptyCorpus(
  { inputs, heldOut }: PrepareOptions,
  counts: CorpusCounts,
  name: string,
): EverlearnError {
  return new EverlearnError(
    'CORPUS_EMPTY',
    counts.documents === 0
      ? `no text was found in ${inputs.join(', ')}; give files with one paragraph a line, a blank line between documents`
      : `none of the ${counts.documents} documents fell into ${name} with a held-out share of ${heldOut}; ` +
          'give more documents (a blank line between them), or another share',
  )
}

function documentTooLong(file: string, first: number, last: number, longest: number): EverlearnError {
  return new EverlearnError(
    'DOCUMENT_TOO_LONG',
    `the document from line ${first} to ${last} of ${file} passes ${longest} characters without a blank line; ` +
      'put a blank line between documents',
  )
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000
}
