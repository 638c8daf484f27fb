import { createRequire } from 'node:module'
import type * as Tokenizers from 'tokenizers'
import type { Vocabulary } from '../../lib/tokenizer/vocabulary.ts'

// A CommonJS package whose names Node cannot see from ESM.
const { bertNormalizer, bertPreTokenizer, Tokenizer, WordPiece } = createRequire(import.meta.url)(
  'tokenizers',
) as typeof Tokenizers

/** HuggingFace's tokenizer with the settings of BertTokenizer, without special tokens: the ids of each text. */
export function createReferenceTokenizer(
  vocabulary: Vocabulary,
  { lowerCase }: { lowerCase: boolean },
): (texts: string[]) => Promise<number[][]> {
  const ids = Object.fromEntries(vocabulary.tokens.map((token, id) => [token, id]))
  const tokenizer = new Tokenizer(
    WordPiece.init(ids, { unkToken: '[UNK]', continuingSubwordPrefix: '##', maxInputCharsPerWord: 100 }),
  )
  tokenizer.setNormalizer(
    bertNormalizer({
      cleanText: true,
      handleChineseChars: true,
      lowercase: lowerCase,
      stripAccents: lowerCase,
    }),
  )
  tokenizer.setPreTokenizer(bertPreTokenizer())
  return async (texts) => {
    const encodings = await tokenizer.encodeBatch(texts, { addSpecialTokens: false })
    return encodings.map((encoding) => encoding.getIds())
  }
}
