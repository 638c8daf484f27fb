import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { EverlearnError } from '../error.ts'
import { vocabularyText } from '../tokenizer/vocabulary.ts'
import { isUnfinished, syncDirectory, unfinishedName, writeFileDurably } from './durable-file.ts'
import { fillCorpora } from './fill-corpora.ts'
import type { InputPart } from './inputs/chunks.ts'
import type { Input } from './inputs/input.ts'
import { removeEmpty, unwritable } from './out-directory.ts'
import {
  type PieceOf,
  type PieceSettings,
  pieceFileNames,
  piecePrefix,
  writePieceFile,
} from './piece-file.ts'
import { reportOf } from './prepare.ts'
import { type PrepareJob, type PrepareOptions, type PrepareReport, prepareJob } from './prepare-options.ts'

/**
 * Does one of `of` parts of the work of `prepare`, on any machine, in any order, and again: the same part and settings
 * give the same bytes. `joinPieces` makes the corpus when all are in `out`. Text and JSONL are cut between documents,
 * Parquet between row groups.
 *
 * @throws EverlearnError as {@link prepare}; `OPTION_INVALID` for standard input and `force`
 */
export async function preparePiece(options: PrepareOptions, piece: PieceOf): Promise<PrepareReport> {
  const { out } = options
  const began = performance.now()
  checkPiece(options, piece)
  const job = prepareJob(options)
  if (job.inputs.some(({ size }) => size === null)) {
    throw invalid(
      'standard input cannot be read by several; write it to a file, or prepare it without --piece',
    )
  }
  const settings = settingsOf(job, options)
  checkOut(out)
  const prefix = piecePrefix(piece)
  const temporary = join(out, unfinishedName(prefix))
  let firstMade: string | undefined
  try {
    firstMade = mkdirSync(temporary, { recursive: true })
    const filled = await fillCorpora(job, options, partsOf(job.inputs, piece), temporary, prefix)
    checkOut(out)
    for (const name of pieceFileNames(out)) if (name.startsWith(`${prefix}-of-`)) rmSync(join(out, name))
    const corpora = job.names.map((name, index) => {
      mkdirSync(join(out, name), { recursive: true })
      replacePieces(join(temporary, name), join(out, name), prefix)
      writeFileDurably(join(out, name), 'vocab.txt', vocabularyText(job.vocabulary))
      return [name, filled.pieces[index]]
    })
    writePieceFile(out, piece, settings, Object.fromEntries(corpora))
    return reportOf(
      filled,
      job.names.map((name) => join(out, name)),
      began,
    )
  } catch (cause) {
    throw unwritable(out, cause)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
    if (firstMade) removeEmpty(resolve(out), firstMade)
  }
}

/** The parts of the inputs that a piece stands for: as many bytes on disk as the others, more or less. */
export function partsOf(inputs: readonly Input[], { number, of }: PieceOf): InputPart[] {
  const total = inputs.reduce((sum, { size }) => sum + (size as number), 0)
  const from = Math.floor((total * (number - 1)) / of)
  const to = number === of ? total : Math.floor((total * number) / of)
  const parts: InputPart[] = []
  let before = 0
  for (const input of inputs) {
    const size = input.size as number
    const start = Math.max(0, from - before)
    const end = Math.min(size, to - before)
    if (start < end) parts.push({ input, start, end })
    before += size
  }
  return parts
}

/** Puts the pieces that were made aside in the place of those made before. */
function replacePieces(from: string, to: string, prefix: string): void {
  for (const name of readdirSync(to)) {
    if (name.startsWith(`${prefix}-`)) rmSync(join(to, name), { recursive: true })
  }
  for (const name of readdirSync(from)) {
    if (name.startsWith(`${prefix}-`)) renameSync(join(from, name), join(to, name))
  }
  syncDirectory(to)
}

/** What decides the bytes of the pieces. */
function settingsOf(
  { inputs, vocabulary, encode, corpus }: PrepareJob,
  { spans }: PrepareOptions,
): PieceSettings {
  const { heldOut, skipBadLines, source, annotation, reading } = encode
  const { pairs, field } = reading
  const dictionaries =
    annotation && [annotation.phrases, annotation.entities].map((paths) => paths.map(hashOfFile))
  return {
    ...corpus,
    vocabulary: vocabulary.sha256,
    'held-out': heldOut,
    inputs: hashOf(inputs.map(({ path, size, format }) => [basename(path), size, format])),
    field,
    columns: JSON.stringify(pairs),
    'skip-bad-lines': skipBadLines,
    source: source ?? '(files)',
    dictionaries: hashOf(dictionaries),
    spans: spans === undefined ? '(none)' : hashOfFile(spans),
  }
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

const hashOfFile = (path: string): string =>
  existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''

function checkPiece({ force }: PrepareOptions, { number, of }: PieceOf): void {
  const whole = Number.isInteger(number) && Number.isInteger(of)
  const problem = !(whole && number >= 1 && number <= of && of <= 99_999)
    ? `there is no piece ${number}/${of}; give the number of the piece, from 1, and how many there are: 3/64`
    : force
      ? 'a piece takes the place of the same piece by itself; leave --force out'
      : null
  if (problem !== null) throw invalid(problem)
}

const invalid = (message: string): EverlearnError => new EverlearnError('OPTION_INVALID', message)

/** The directory must be new, or hold pieces and nothing else. */
function checkOut(out: string): void {
  if (!existsSync(out)) return
  const names = readEntries(out)
  if (names.includes('manifest.json') || existsSync(join(out, 'train', 'manifest.json'))) {
    throw new EverlearnError('OUT_EXISTS', `${out} is a corpus already; choose another name for a new one`)
  }
  const strange = names.find(
    (name) => !isUnfinished(name) && !/^(?:piece-\d|vocab\.txt$|train$|held-out$)/.test(name),
  )
  if (strange !== undefined) {
    throw new EverlearnError('OUT_EXISTS', `${out} holds ${strange}, which is no piece; choose another name`)
  }
}

function readEntries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    throw new EverlearnError('OUT_EXISTS', `${directory} exists and is no directory; choose another name`)
  }
}
