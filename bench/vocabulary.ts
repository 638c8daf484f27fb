import { readParagraphs, trainVocabulary, type Vocabulary, vocabularyText } from '../lib/index.ts'
import { writeDurably } from '../lib/train/durable.ts'

/** Trains a lower-case vocabulary of at most `size` pieces on the text of some files, and writes it. */
export async function writeVocabulary(
  file: string,
  inputs: readonly string[],
  size: number,
): Promise<Vocabulary> {
  const { vocabulary } = await trainVocabulary(readParagraphs(inputs), { size, lowerCase: true })
  await writeDurably(file, vocabularyText(vocabulary))
  return vocabulary
}
