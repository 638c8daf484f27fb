import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PrepareOptions, prepare } from '../../lib/data/prepare.ts'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { smallVocabulary } from './corpus.ts'

export type PrepareSettings = Partial<Omit<PrepareOptions, 'inputs'>>

/** Writes texts, each into a file of its own, and a small vocabulary into an empty directory; `run` prepares them there. */
export function prepareTexts(work: string, texts: (string | Buffer)[], settings: PrepareSettings = {}) {
  const inputs = texts.map((text, index) => {
    const path = join(work, `text-${index}.txt`)
    writeFileSync(path, text)
    return path
  })
  const vocabulary = join(work, 'small-vocab.txt')
  writeFileSync(vocabulary, vocabularyText(smallVocabulary(['the', 'cat', 'sat', 'dog'])))
  const out = join(work, 'corpus')
  const run = () => prepare({ inputs, vocabulary, out, language: 'en', lowerCase: true, ...settings })
  return { work, inputs, out, run }
}

/** Two documents, one of two paragraphs. */
export const twoDocuments = 'the cat sat. A dog sat.\nDog!\n\n\n \nthe é Cat\u0301 [MASK]\n'
