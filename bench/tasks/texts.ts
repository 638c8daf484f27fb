// The text and the labelled pairs that tasks are tried on.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openCorpus, type PrepareOptions, prepare } from '../../lib/index.ts'
import { sets, tableOf } from '../ir-rows/sets.ts'
import { writeVocabulary } from '../vocabulary.ts'

/** What is prepared; paths start from the folder of the data. */
interface Text extends Pick<PrepareOptions, 'format' | 'pairs' | 'language' | 'skipBadLines'> {
  /** Files, or what makes a table of them; of the folder of the data. */
  inputs: string[] | ((data: string) => string)
  /** Where it is judged, if that is not a part of the inputs: other documents, so that nothing is known by heart. */
  heldOut?: string[]
  /** Of the inputs, where there is no `heldOut`. */
  heldOutShare?: number
}

/** Pieces of the English vocabulary, which is trained on the English text: so few are each met often in minutes. */
const pieces = 8192
const chineseVocabulary = 'vocab/ernie-vocab_zh.txt.gz'

export const texts: Record<string, Text> = {
  english: {
    inputs: [
      'pretrain/en-encyclopedia/enwiki-2015-sample.txt.gz',
      'pretrain/en-books/classic-books-sample.txt.gz',
    ],
    language: 'en',
  },
  chinese: {
    inputs: [
      'pretrain/zh-encyclopedia/zhwiki-2019-sample.txt.gz',
      'pretrain/zh-news/lctt-articles-sample.txt.gz',
    ],
    language: 'zh',
  },
  dialogues: {
    inputs: ['pretrain/en-dialog/schema-guided-sample.txt.gz', 'pretrain/en-dialog/topical-chat.txt.gz'],
    language: 'en',
  },
  duplicates: {
    inputs: ['glue/QQP/train.tsv.gz'],
    heldOut: ['glue/QQP/dev.tsv.gz'],
    language: 'en',
    // Two questions that look alike: whether they ask the same.
    pairs: {
      first: 'question1',
      second: 'question2',
      label: 'is_duplicate',
      labels: { '1': 'clicked', '0': 'shown' },
    },
  },
  questions: {
    inputs: ['glue/QNLI/train.tsv.gz', 'glue/QNLI/train_part2.tsv.gz'],
    heldOut: ['glue/QNLI/dev.tsv.gz'],
    language: 'en',
    // A question and a sentence of the passage that answers it: whether it is this sentence.
    pairs: {
      first: 'question',
      second: 'sentence',
      label: 'label',
      labels: { entailment: 'clicked', not_entailment: 'shown' },
    },
  },
  abstracts: {
    inputs: (data) => tableOf(sets.cranfield(path.join(data, 'ir/cranfield'))),
    heldOutShare: 0.15,
    language: 'en',
    pairs: { first: 'query', second: 'title', label: 'label' },
  },
  units: {
    inputs: ['discourse/disrpt2023-eng.dep.scidtb/eng.dep.scidtb_train.rels.gz'],
    heldOut: ['discourse/disrpt2023-eng.dep.scidtb/eng.dep.scidtb_dev.rels.gz'],
    format: 'tsv',
    language: 'en',
    pairs: { first: 'unit1_txt', second: 'unit2_txt', label: 'label' },
  },
  queries: {
    inputs: ['ir/dureader-query-title/query_title.tsv.gz'],
    language: 'zh',
    // Two titles are empty.
    skipBadLines: true,
    pairs: {
      first: 'query',
      second: 'title',
      label: 'is_selected',
      labels: { '1': 'clicked', '0': 'shown' },
    },
  },
}

/** The text whose masking an encoder learns first, by language. */
export const maskingText = { en: 'english', zh: 'chinese' } as const

/** Prepares a text in a folder of its name in `cache`, with `train` and `held-out`, where it is not there yet. */
export async function textFolder(
  name: keyof typeof texts,
  { data, cache }: { data: string; cache: string },
): Promise<string> {
  const folder = path.join(cache, name)
  const [train, heldOutPart] = ['train', 'held-out'].map((part) => path.join(folder, part))
  try {
    for (const part of [train, heldOutPart]) openCorpus(part).close()
    return folder
  } catch {
    const { inputs, heldOut, heldOutShare = 0.05, ...rest } = texts[name]
    const ofData = (file: string) => path.join(data, file)
    mkdirSync(cache, { recursive: true })
    const vocabulary =
      rest.language === 'zh' ? ofData(chineseVocabulary) : await englishVocabulary(data, cache)
    const make = async (inputs: string[], out: string, share = 0) => {
      const { counts } = await prepare({
        ...rest,
        inputs,
        vocabulary,
        out,
        lowerCase: true,
        heldOut: share,
        force: true,
      })
      console.error(`prepared ${out}: ${counts.documents} documents, ${counts.tokens} tokens`)
    }
    const files = typeof inputs === 'function' ? [tableIn(cache, name, inputs(data))] : inputs.map(ofData)
    if (heldOut) {
      await make(files, train)
      await make(heldOut.map(ofData), heldOutPart)
    } else await make(files, folder, heldOutShare)
    return folder
  }
}

/** File of the English vocabulary, made where it is not there yet. */
async function englishVocabulary(data: string, cache: string): Promise<string> {
  const file = path.join(cache, `vocabulary-${pieces}.txt`)
  if (existsSync(file)) return file
  const files = (texts.english.inputs as string[]).map((input) => path.join(data, input))
  await writeVocabulary(file, files, pieces)
  return file
}

function tableIn(cache: string, name: string, table: string): string {
  const file = path.join(cache, `${name}.tsv`)
  writeFileSync(file, table)
  return file
}
