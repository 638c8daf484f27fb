import { existsSync } from 'node:fs'
import path from 'node:path'
import { prepare, readDocuments, trainVocabulary, vocabularyText } from '../../lib/index.ts'
import { writeDurably } from '../../lib/train/durable.ts'
import type { Settings } from './settings.ts'

/** Folder with the prepared text, `train` and `held-out`; what is not there yet is made. */
export async function prepareText(
  { text, vocabularySize }: Settings,
  data: string,
  out: string,
  say: (what: string) => void,
): Promise<string> {
  const folder = path.join(out, 'corpus')
  if (existsSync(path.join(folder, 'held-out'))) return folder
  const inputs = [path.join(data, text)]
  const vocabularyFile = path.join(out, 'vocab.txt')
  const { vocabulary } = await trainVocabulary(paragraphs(inputs), { size: vocabularySize, lowerCase: true })
  await writeDurably(vocabularyFile, vocabularyText(vocabulary))
  const { counts } = await prepare({
    inputs,
    vocabulary: vocabularyFile,
    out: folder,
    language: 'en',
    lowerCase: true,
    heldOut: 0.05,
    force: true,
  })
  say(`text: ${counts.documents} documents, ${counts.tokens} tokens, ${vocabulary.size} pieces`)
  return folder
}

async function* paragraphs(inputs: string[]): AsyncGenerator<string> {
  for await (const document of readDocuments(inputs)) yield* document.paragraphs
}
