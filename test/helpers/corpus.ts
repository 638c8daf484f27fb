import type { TextAnnotation } from '../../lib/data/annotate/annotator.ts'
import type { Corpus, CorpusKind, Language } from '../../lib/data/corpus.ts'
import { createDocumentEncoder } from '../../lib/data/encode-document.ts'
import { corpusVersion } from '../../lib/data/manifest.ts'
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

/** A document with what `prepare` would know of it. */
export interface GivenDocument {
  /** A text with one paragraph a line, or a list of paragraphs, each a list of sentences. */
  text: string | readonly (readonly string[])[]
  /** Of each paragraph of a text. */
  annotations?: readonly TextAnnotation[]
  source?: string
  label?: string
}

/**
 * A corpus in memory. A document is a text with one paragraph a line, whose sentences are found as `prepare` does, or
 * a list of paragraphs, each a list of sentences.
 */
export function corpusFromDocuments(
  documents: readonly (GivenDocument | GivenDocument['text'])[],
  vocabulary: Vocabulary,
  { lowerCase = true, language = 'en' as Language, kind = 'text' as CorpusKind, annotated = false } = {},
): Corpus {
  const tokenType = vocabulary.size <= 0x10000 ? 'uint16' : 'uint32'
  const values: Record<keyof PieceArrays, number[]> = {
    tokens: [],
    flags: [],
    sentences: [],
    paragraphs: [],
    phrases: [],
    entities: [],
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
    const given = typeof document === 'string' || !('text' in document) ? { text: document } : document
    const { text, annotations, source = 'memory', label }: GivenDocument = given
    for (const [index, paragraph] of (typeof text === 'string' ? text.split('\n') : text).entries()) {
      encoder.addParagraph(paragraph, annotations?.[index])
    }
    const encoded = encoder.finish()
    if (encoded !== null) columns.add(encoded, source, label)
  }
  columns.finish()
  const piece = {
    tokens: tokenType === 'uint16' ? Uint16Array.from(values.tokens) : Uint32Array.from(values.tokens),
    flags: Uint8Array.from(values.flags),
    sentences: Uint32Array.from(values.sentences),
    paragraphs: Uint32Array.from(values.paragraphs),
    phrases: Uint32Array.from(values.phrases),
    entities: Uint32Array.from(values.entities),
    documents: Uint32Array.from(values.documents),
    sources: columns.sources,
    labels: columns.labels,
  }
  return {
    directory: '(in memory)',
    manifest: {
      format: 'everlearn-corpus',
      version: corpusVersion,
      kind,
      language,
      lowerCase,
      annotated,
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
    kind,
    annotated,
    ...viewPieces([piece]),
    close() {},
  }
}
