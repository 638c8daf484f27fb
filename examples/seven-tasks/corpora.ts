// The corpora of examples/seven-tasks.ts: running text, annotated, and labelled pairs of discourse units and of queries.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Language, type PrepareOptions, prepare } from '../../lib/index.ts'

export interface Given {
  /** Folder of text and pairs, as this project's `shared/data`. */
  data: string
  /** Rows with columns query, title, label. */
  ir: string
  out: string
  language: Language
}

type Source = Partial<PrepareOptions> & { inputs: string[] }

const text = (pattern: string): Source => ({ inputs: [pattern], annotate: true })
const pairs = (pattern: string, first: string, second: string): Source => ({
  inputs: [pattern],
  format: 'tsv',
  pairs: { first, second, label: 'label' },
  skipBadLines: true,
})

const vocabularies = { en: 'vocab/ernie-2.0-vocab_en.txt.gz', zh: 'vocab/ernie-vocab_zh.txt.gz' }
const sources: Record<Language, Record<string, Source>> = {
  en: {
    encyclopedia: text('pretrain/en-encyclopedia/*.gz'),
    books: text('pretrain/en-books/*.gz'),
    dialog: text('pretrain/en-dialog/*.gz'),
    discourse: pairs('discourse/disrpt2023-eng.dep.scidtb/*_train.rels.gz', 'unit1_txt', 'unit2_txt'),
  },
  zh: {
    encyclopedia: text('pretrain/zh-encyclopedia/*.gz'),
    news: text('pretrain/zh-news/*.gz'),
    dialog: text('pretrain/zh-dialog/*.gz'),
    discourse: pairs('discourse/disrpt2023-zho.rst.gcdt/*_train.rels.gz', 'unit1_txt', 'unit2_txt'),
  },
}

/** Folders of the corpora by name, each with `train` and `held-out`; those that are not there yet are made. */
export async function prepareAll({ data, ir, out, language }: Given): Promise<Record<string, string>> {
  const all = { ...sources[language], ir: pairs(path.resolve(ir), 'query', 'title') }
  const folders: Record<string, string> = {}
  for (const [name, source] of Object.entries(all)) {
    folders[name] = path.resolve(out, name)
    if (existsSync(path.join(folders[name], 'train'))) continue
    const { counts, megabytesPerSecond } = await prepare({
      ...source,
      inputs: source.inputs.map((file) => path.resolve(data, file)),
      vocabulary: path.join(data, vocabularies[language]),
      out: folders[name],
      language,
      lowerCase: true,
      heldOut: 0.05,
    })
    const { documents, tokens } = counts
    console.log(`${name}: ${documents} documents, ${tokens} tokens, ${megabytesPerSecond.toFixed(1)} MB/s`)
  }
  return folders
}
