import { existsSync } from 'node:fs'
import path from 'node:path'
import { prepare } from '../../lib/index.ts'
import { writeVocabulary } from '../vocabulary.ts'
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
  const vocabulary = await writeVocabulary(vocabularyFile, inputs, vocabularySize)
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
