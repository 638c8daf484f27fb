import type { Argv } from 'yargs'
import { type InputFormat, inputFormats } from '../data/inputs/input.ts'
import { joinPieces } from '../data/join-pieces.ts'
import type { CorpusCounts, Language } from '../data/manifest.ts'
import { type PrepareOptions, type PrepareProgress, prepare } from '../data/prepare.ts'
import { preparePiece } from '../data/prepare-piece.ts'
import { EverlearnError } from '../error.ts'
import type { Command } from './command.ts'
import { parsePairColumns } from './pair-columns.ts'

interface Options {
  inputs?: string[]
  vocab?: string
  out?: string
  language?: Language
  cased: boolean
  format?: InputFormat
  field?: string
  pairs: boolean
  columns?: string
  labels?: string
  'skip-bad-lines': boolean
  source?: string
  annotate: boolean
  phrases?: string[]
  entities?: string[]
  spans?: string
  'held-out': number
  threads?: number
  piece?: string
  join?: string
  force: boolean
}

export const prepareCommand: Command<Options> = {
  command: 'prepare [inputs..]',
  describe: 'Turn text into a corpus, or rows of labelled pairs',
  builder: (yargs) =>
    yargs
      .positional('inputs', {
        describe: 'Text, JSONL, Parquet; plain or .gz; globs; - for standard input',
        type: 'string',
        array: true,
      })
      .option('vocab', { describe: 'Vocabulary: vocab.txt, plain or .gz', type: 'string' })
      .option('out', { describe: 'Folder to make', type: 'string' })
      .option('language', { describe: 'Language of the text', choices: ['en', 'zh'] as const })
      .option('cased', { describe: 'Keep upper case and accents', type: 'boolean', default: false })
      .option('format', {
        describe: 'Format of the inputs (by default their endings tell)',
        choices: inputFormats,
      })
      .option('field', {
        describe: 'Field of JSONL or Parquet that holds the text [default: text]',
        type: 'string',
      })
      .option('pairs', { describe: 'Rows are labelled pairs of texts', type: 'boolean', default: false })
      .option('columns', {
        describe: 'Columns of pairs: first=NAME,second=NAME,label=NAME; without a label, pairs have none',
        type: 'string',
      })
      .option('labels', {
        describe: 'The labels there may be: VALUE,VALUE or, to name them, VALUE=NAME,VALUE=NAME',
        type: 'string',
      })
      .option('skip-bad-lines', {
        describe: 'Leave out rows that cannot be used, and count them',
        type: 'boolean',
        default: false,
      })
      .option('source', {
        describe: 'Source of all documents, instead of the names of the files',
        type: 'string',
      })
      .option('annotate', {
        describe: 'Find phrases, entities and Chinese words, for knowledge masking',
        type: 'boolean',
        default: false,
      })
      .option('phrases', { describe: 'Files of phrases, one a line', type: 'string', array: true })
      .option('entities', { describe: 'Files of names, one a line', type: 'string', array: true })
      .option('spans', { describe: 'File of ready-made spans of the one input', type: 'string' })
      .option('held-out', {
        describe: 'Share of the documents to hold out: makes OUT/train and OUT/held-out',
        type: 'number',
        default: 0,
      })
      .option('threads', { describe: 'Threads that encode (by default one a core)', type: 'number' })
      .option('piece', { describe: 'Do one part of the work: 3/64', type: 'string' })
      .option('join', { describe: 'Make a corpus of the pieces in this folder', type: 'string' })
      .option('force', { describe: 'Replace the corpus that is there', type: 'boolean', default: false })
      .example(
        "$0 prepare 'books/*.txt.gz' wiki.parquet --vocab vocab.txt --language en --held-out 0.05 --out corpus",
        '',
      )
      .example(
        '$0 prepare rows.tsv --pairs --columns first=query,second=title,label=click --vocab vocab.txt --language zh --out ir',
        '',
      ) as unknown as Argv<Options>,

  async run(options) {
    if (options.join !== undefined) {
      if (options.inputs?.length || options.out !== undefined || options.piece !== undefined) {
        throw usage('--join takes the folder of the pieces and nothing else')
      }
      printCorpora(joinPieces(options.join))
      return 0
    }
    const wanted = prepareOptions(options)
    const { onProgress, end } = progressLine()
    const piece = options.piece === undefined ? null : pieceOf(options.piece)
    const report = piece
      ? await preparePiece({ ...wanted, onProgress }, piece).finally(end)
      : await prepare({ ...wanted, onProgress }).finally(end)
    printCorpora(report.corpora, piece ? ` piece ${options.piece}` : '')
    const { bad } = report
    if (bad.count > 0) console.log(`${bad.count} bad lines were left out, the first: ${bad.first}`)
    const unknown = (100 * report.unknownShare).toFixed(2)
    console.log(
      `${unknown} % of the tokens are unknown to the vocabulary; ${report.megabytesPerSecond.toFixed(1)} MB/s`,
    )
    if (piece) console.log(`when all pieces are there: everlearn prepare --join ${wanted.out}`)
    return 0
  },
}

function prepareOptions(options: Options): PrepareOptions {
  const { inputs = [], vocab, out, language, cased, phrases, entities, spans } = options
  const missing = Object.entries({ vocab, out, language }).filter(([, value]) => value === undefined)
  if (missing.length > 0 || vocab === undefined || out === undefined || language === undefined) {
    const names = missing.map(([name]) => name)
    throw usage(`Missing required argument${names.length > 1 ? 's' : ''}: ${names.join(', ')}`)
  }
  return {
    inputs,
    vocabulary: vocab,
    out,
    language,
    lowerCase: !cased,
    format: options.format,
    field: options.field,
    pairs: pairsOf(options),
    skipBadLines: options['skip-bad-lines'],
    source: options.source,
    annotate: options.annotate,
    phrases,
    entities,
    spans,
    heldOut: options['held-out'],
    threads: options.threads,
    force: options.force,
  }
}

function pairsOf({ pairs, columns, labels }: Options): PrepareOptions['pairs'] {
  if (!pairs) {
    if (columns === undefined && labels === undefined) return undefined
    throw usage('--columns and --labels are for pairs; add --pairs')
  }
  const { label, labels: names, ...texts } = parsePairColumns(columns, labels)
  return { ...texts, label: label ?? undefined, labels: names ?? undefined }
}

function pieceOf(text: string): { number: number; of: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text)
  if (!match)
    throw usage(`--piece is ${text}; give the number of the piece, from 1, and how many there are: 3/64`)
  return { number: Number(match[1]), of: Number(match[2]) }
}

function printCorpora(corpora: { directory: string; counts: CorpusCounts }[], piece = ''): void {
  for (const { directory, counts } of corpora) {
    const { documents, sentences, words, tokens, phrases, entities } = counts
    const spans = phrases + entities > 0 ? `, ${phrases} phrases, ${entities} entities` : ''
    console.log(
      `${directory}${piece}: ${documents} documents, ${sentences} sentences, ${words} words, ${tokens} tokens${spans}`,
    )
  }
}

/** A line of progress on a terminal, written over until `end`. */
function progressLine(): { onProgress(progress: PrepareProgress): void; end(): void } {
  const terminal = process.stderr.isTTY === true
  return {
    onProgress({ bytesRead, bytesTotal, documents, tokens }) {
      if (!terminal) return
      const megabytes = `${Math.floor(bytesRead / 1e6)} MB`
      const read = bytesTotal === null ? megabytes : `${Math.floor((100 * bytesRead) / bytesTotal)} %`
      process.stderr.write(`\r\x1b[K${read}  ${documents} documents  ${tokens} tokens`)
    },
    end() {
      if (terminal) process.stderr.write('\r\x1b[K')
    },
  }
}

const usage = (message: string): EverlearnError =>
  new EverlearnError('USAGE', `${message}; see everlearn prepare --help`)
