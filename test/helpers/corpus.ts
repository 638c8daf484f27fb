import type { Corpus, Language } from '../../lib/data/corpus.ts'
import { createDocumentEncoder } from '../../lib/data/encode-document.ts'
import { createPieceColumns } from '../../lib/data/piece-columns.ts'
import { type PieceArrays, viewPieces } from '../../lib/data/piece-view.ts'
import { sentenceSplitters } from '../../lib/data/sentences.ts'
import { createVocabulary, type Vocabulary, vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { createWordPiece } from '../../lib/tokenizer/wordpiece.ts'

const characters = [...'abcdefghijklmnopqrstuvwxyz0123456789']

/**
 * A small vocabulary: the five special tokens, `words`, and letters, digits and ASCII punctuation, so that every
 * English text has pieces. Other words are cut into single letters.
 */
export function smallVocabulary(words: readonly string[] = []): Vocabulary {
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~']
  tokens.push(...characters, ...characters.map((character) => `##${character}`), ...words)
  return createVocabulary([...new Set(tokens)])
}

/**
 * A corpus in memory. A document is a text with one paragraph a line, whose sentences are found as `prepare` does, or
 * a list of paragraphs, each a list of sentences.
 */
export function corpusFromDocuments(
  documents: readonly (string | readonly (readonly string[])[])[],
  vocabulary: Vocabulary,
  { lowerCase = true, language = 'en' as Language } = {},
): Corpus {
  const tokenType = vocabulary.size <= 0x10000 ? 'uint16' : 'uint32'
  const values: Record<keyof PieceArrays, number[]> = {
    tokens: [],
    flags: [],
    sentences: [],
    paragraphs: [],
    documents: [],
  }
  const columns = createPieceColumns(tokenType, (column, added) => {
    for (const value of added) values[column].push(value)
  })
  const encoder = createDocumentEncoder(
    createWordPiece(vocabulary, { lowerCase }),
    sentenceSplitters[language],
  )
  for (const document of documents) {
    for (const paragraph of typeof document === 'string' ? document.split('\n') : document) {
      encoder.addParagraph(paragraph)
    }
    const encoded = encoder.finish()
    if (encoded !== null) columns.add(encoded)
  }
  columns.finish()
  const piece = {
    tokens: tokenType === 'uint16' ? Uint16Array.from(values.tokens) : Uint32Array.from(values.tokens),
    flags: Uint8Array.from(values.flags),
    sentences: Uint32Array.from(values.sentences),
    paragraphs: Uint32Array.from(values.paragraphs),
    documents: Uint32Array.from(values.documents),
  }
  return {
    directory: '(in memory)',
    manifest: {
      format: 'everlearn-corpus',
      version: 1,
      language,
      lowerCase,
      tokenType,
      vocabulary: {
        name: 'vocab.txt',
        size: vocabulary.size,
        bytes: Buffer.byteLength(vocabularyText(vocabulary)),
        sha256: vocabulary.sha256,
      },
      counts: columns.counts,
      pieces: [],
      sha256: '',
    },
    vocabulary,
    ...viewPieces([piece]),
    close() {},
  }
}
