import type { Argv } from 'yargs'
import { findInputs } from '../data/inputs/find-inputs.ts'
import { type InputFormat, inputFormats } from '../data/inputs/input.ts'
import { readParagraphs } from '../data/inputs/read-documents.ts'
import { type Coverage, coverageOfText } from '../tokenizer/coverage.ts'
import { type TrainedVocabulary, trainVocabulary } from '../tokenizer/train-vocabulary.ts'
import { readVocabulary, vocabularyText } from '../tokenizer/vocabulary.ts'
import { createWordPiece } from '../tokenizer/wordpiece.ts'
import type { Command } from './command.ts'
import { checkOutFile, writeOutFile } from './out-file.ts'

interface Options {
  inputs: string[]
  size: number
  out: string
  cased: boolean
  language: 'en' | 'zh'
  alphabet?: number
  'min-count': number
  unused: number
  'held-out'?: string[]
  format?: InputFormat
  field?: string
  json: boolean
  force: boolean
}

/**
 * Characters to keep unless told. HuggingFace's 1000 are enough for English; of Chinese text 8000 leave less than
 * 0.001 % of the tokens unknown where 4000 leave 0.3 %.
 */
const alphabets = { en: 1000, zh: 8000 }

export const vocabCommand: Command<Options> = {
  command: 'vocab <inputs..>',
  describe: 'Train a WordPiece vocabulary on text and say how it fits',
  builder: (yargs) =>
    yargs
      .positional('inputs', {
        describe: 'Text, JSONL, Parquet; plain or .gz; globs; - for standard input',
        type: 'string',
        array: true,
      })
      .option('size', { describe: 'Pieces, special ones included', type: 'number', demandOption: true })
      .option('out', { describe: 'File to write: vocab.txt', type: 'string', demandOption: true })
      .option('cased', { describe: 'Keep upper case and accents', type: 'boolean', default: false })
      .option('language', {
        describe: 'Language of the text: decides how many characters are kept',
        choices: ['en', 'zh'],
        default: 'en',
      })
      .option('alphabet', { describe: 'Characters to keep (by default 1000, zh: 8000)', type: 'number' })
      .option('min-count', { describe: 'Join no pieces that meet less often', type: 'number', default: 2 })
      .option('unused', { describe: 'Places [unused0] … to reserve', type: 'number', default: 0 })
      .option('held-out', {
        describe: 'Text files to say how it fits text it has not seen',
        type: 'string',
        array: true,
      })
      .option('format', {
        describe: 'Format of the inputs (by default their endings tell)',
        choices: inputFormats,
      })
      .option('field', {
        describe: 'Field of JSONL or Parquet that holds the text [default: text]',
        type: 'string',
      })
      .option('json', { describe: 'The figures as one JSON object', type: 'boolean', default: false })
      .option('force', { describe: 'Replace the vocabulary that is there', type: 'boolean', default: false })
      .example('$0 vocab books.txt wiki.txt.gz --size 30000 --out vocab.txt', '') as unknown as Argv<Options>,

  async run({ inputs, size, out, cased, language, alphabet, 'min-count': minCount, ...options }) {
    const heldOut = options['held-out'] ?? []
    const replacing = { force: options.force, mayReplace: isVocabulary }
    checkOutFile(out, replacing)
    const { format, field } = options
    const reading = { format, ...(field !== undefined && { field }) }
    for (const names of [inputs, ...(heldOut.length > 0 ? [heldOut] : [])]) findInputs(names, { format })
    const progress = terminalLine()
    let trained: TrainedVocabulary
    let unseen: Coverage | null = null
    try {
      trained = await trainVocabulary(readParagraphs(inputs, reading), {
        size,
        lowerCase: !cased,
        alphabet: alphabet ?? alphabets[language],
        minCount,
        unused: options.unused,
        onProgress({ characters, pieces }) {
          progress.show(`${(characters / 1e6).toFixed(1)} million characters  ${pieces} pieces`)
        },
      })
      const wordPiece = createWordPiece(trained.vocabulary, { lowerCase: !cased })
      if (heldOut.length > 0) unseen = await coverageOfText(readParagraphs(heldOut, reading), wordPiece)
    } finally {
      progress.clear()
    }
    const { vocabulary, distinctWords, forgottenWords, characters, coverage } = trained
    await writeOutFile(out, vocabularyText(vocabulary), replacing)

    if (vocabulary.size < size) {
      process.stderr.write(
        `${out} has ${vocabulary.size} pieces instead of ${size}: no two pieces meet ${minCount} times or more ` +
          `any longer; give more text${minCount > 1 ? ' or a lower --min-count' : ''}\n`,
      )
    }
    if (options.json) {
      const figures = { distinctWords, forgottenWords, characters, training: coverage, heldOut: unseen }
      console.log(JSON.stringify({ file: out, size: vocabulary.size, wanted: size, ...figures }, null, 2))
    } else {
      console.log(asText(out, trained, unseen))
    }
    return 0
  },
}

function isVocabulary(file: string): boolean {
  try {
    readVocabulary(file)
    return true
  } catch {
    return false
  }
}

/** A line on stderr that is written over; nothing where that is no terminal. */
function terminalLine(): { show(text: string): void; clear(): void } {
  const write = (text: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  }
  return { show: write, clear: () => write('') }
}

function asText(out: string, trained: TrainedVocabulary, heldOut: Coverage | null): string {
  const { vocabulary, characters, distinctWords, forgottenWords, coverage } = trained
  const lines = [
    `${out}: ${vocabulary.size} pieces from ${distinctWords} different words; ` +
      `${characters.kept} of the ${characters.found} characters`,
    `training text: ${coverageText(coverage)}`,
  ]
  if (heldOut) lines.push(`held-out text: ${coverageText(heldOut)}`)
  if (forgottenWords > 0) {
    lines.push(
      `${forgottenWords} words of the training text were too rare to be remembered and are not counted`,
    )
  }
  return lines.join('\n')
}

function coverageText({ words, whole, piecesPerWord, unknown }: Coverage): string {
  const percent = (share: number, digits: number) => `${(100 * share).toFixed(digits)} %`
  return (
    `${words} words, ${percent(whole, 2)} of them one piece, ${piecesPerWord.toFixed(3)} pieces per word, ` +
    `${percent(unknown, 4)} of the tokens unknown`
  )
}
