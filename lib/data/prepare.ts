import { join } from 'node:path'
import { EverlearnError } from '../error.ts'
import { writeManifest } from './corpus-writer.ts'
import { addCounts, noCounts } from './encode-document.ts'
import { type Filled, fillCorpora } from './fill-corpora.ts'
import { wholeInput } from './inputs/chunks.ts'
import type { CorpusCounts } from './manifest.ts'
import { isEmptyOrHas, writeDirectory } from './out-directory.ts'
import { type PrepareOptions, type PrepareReport, prepareJob } from './prepare-options.ts'

export type { PrepareOptions, PrepareProgress, PrepareReport } from './prepare-options.ts'

/** Files by which a directory is known to be a corpus or a pair of them. */
const marks = ['manifest.json', join('train', 'manifest.json')]

/**
 * Turns text into a corpus of token ids with its documents, paragraphs, sentences and words; see docs/corpus-format.md.
 * Memory does not grow with the text. The directory appears when it is complete; on any failure nothing is left.
 *
 * @throws EverlearnError `OPTION_INVALID`, `OUT_EXISTS`, `OUT_UNWRITABLE`, `CORPUS_EMPTY`, and what is wrong with an
 * input, naming file and line: `INPUT_MISSING`, `INPUT_TWICE`, `FORMAT_UNKNOWN`, `FILE_UNREADABLE`, `NOT_UTF8`,
 * `LINE_TOO_LONG`, `DOCUMENT_TOO_LONG`, `COLUMN_MISSING`, `ROW_INVALID`
 */
export async function prepare(options: PrepareOptions): Promise<PrepareReport> {
  const { out, force = false } = options
  const began = performance.now()
  const job = prepareJob(options)
  const mayReplace = (directory: string) => isEmptyOrHas(directory, marks)
  const filled = await writeDirectory(out, { force, mayReplace }, async (directory) => {
    const filled = await fillCorpora(job, options, job.inputs.map(wholeInput), directory, 'piece')
    for (const [index, { documents }] of filled.counts.entries()) {
      if (documents === 0) throw emptyCorpus(options, filled.counts, job.names[index])
    }
    for (const [index, name] of job.names.entries()) {
      writeManifest(join(directory, name), job.corpus, job.vocabulary, filled.pieces[index])
    }
    return filled
  })
  return reportOf(
    filled,
    job.names.map((name) => join(out, name)),
    began,
  )
}

/** What was made in `directories`, since `began`. */
export function reportOf(filled: Filled, directories: string[], began: number): PrepareReport {
  const counts = noCounts()
  for (const each of filled.counts) addCounts(counts, each)
  const seconds = (performance.now() - began) / 1000
  return {
    corpora: directories.map((directory, index) => ({ directory, counts: filled.counts[index] })),
    counts,
    unknownShare: counts.unknown / Math.max(1, counts.tokens),
    bad: filled.bad,
    bytes: filled.bytes,
    seconds,
    megabytesPerSecond: filled.bytes / 1e6 / seconds,
  }
}

function emptyCorpus(
  { inputs, heldOut }: PrepareOptions,
  counts: CorpusCounts[],
  name: string,
): EverlearnError {
  const documents = counts.reduce((sum, each) => sum + each.documents, 0)
  return new EverlearnError(
    'CORPUS_EMPTY',
    documents === 0
      ? `no text was found in ${inputs.join(', ')}; give files with one paragraph a line, a blank line between ` +
          'documents, or JSONL or Parquet'
      : `none of the ${documents} documents fell into ${name} with a held-out share of ${heldOut}; ` +
          'give more documents (a blank line between them), or another share',
  )
}
