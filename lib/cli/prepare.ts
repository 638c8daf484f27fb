import type { Argv } from 'yargs'
import { prepare } from '../data/prepare.ts'
import type { Command } from './command.ts'

interface Options {
  inputs: string[]
  vocab: string
  out: string
  language: 'en' | 'zh'
  cased: boolean
  'held-out': number
  force: boolean
}

export const prepareCommand: Command<Options> = {
  command: 'prepare <inputs..>',
  describe: 'Turn UTF-8 text (one paragraph a line, a blank line between documents) into a corpus',
  builder: (yargs) =>
    yargs
      .positional('inputs', { describe: 'Text files, plain or .gz', type: 'string', array: true })
      .option('vocab', {
        describe: 'Vocabulary: vocab.txt, plain or .gz',
        type: 'string',
        demandOption: true,
      })
      .option('out', { describe: 'Folder to make', type: 'string', demandOption: true })
      .option('language', { describe: 'Language of the text', choices: ['en', 'zh'], demandOption: true })
      .option('cased', { describe: 'Keep upper case and accents', type: 'boolean', default: false })
      .option('held-out', {
        describe: 'Share of the documents to hold out: makes OUT/train and OUT/held-out',
        type: 'number',
        default: 0,
      })
      .option('force', { describe: 'Replace the corpus that is there', type: 'boolean', default: false })
      .example(
        '$0 prepare books.txt wiki.txt.gz --vocab vocab.txt --language en --held-out 0.05 --out corpus',
        '',
      ) as Argv<Options>,

  async run({ inputs, vocab, out, language, cased, 'held-out': heldOut, force }) {
    const terminal = process.stderr.isTTY === true
    const report = await prepare({
      inputs,
      vocabulary: vocab,
      out,
      language,
      lowerCase: !cased,
      heldOut,
      force,
      onProgress({ bytesRead, bytesTotal, documents, tokens }) {
        if (!terminal) return
        const read =
          bytesTotal === null
            ? `${Math.floor(bytesRead / 1e6)} MB`
            : `${Math.floor((100 * bytesRead) / bytesTotal)} %`
        process.stderr.write(`\r\x1b[K${read}  ${documents} documents  ${tokens} tokens`)
      },
    })
    if (terminal) process.stderr.write('\r\x1b[K')
    for (const { directory, counts } of report.corpora) {
      const { documents, sentences, words, tokens } = counts
      console.log(
        `${directory}: ${documents} documents, ${sentences} sentences, ${words} words, ${tokens} tokens`,
      )
    }
    const unknown = (100 * report.unknownShare).toFixed(2)
    console.log(
      `${unknown} % of the tokens are unknown to the vocabulary; ${report.megabytesPerSecond.toFixed(1)} MB/s`,
    )
    return 0
  },
}
