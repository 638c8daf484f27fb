import { hash } from 'node:crypto'
import { basename } from 'node:path'
import { EverlearnError } from '../error.ts'
import { createVocabulary } from '../tokenizer/vocabulary.ts'
import { createWordPiece } from '../tokenizer/wordpiece.ts'
import type { Annotator, Paragraph, TextAnnotation } from './annotate/annotator.ts'
import { tokenTypeOf } from './corpus-writer.ts'
import { createDocumentEncoder } from './encode-document.ts'
import { importModule } from './import-module.ts'
import { lineNumber } from './inputs/byte-chunks.ts'
import { type Chunk, documentsOf } from './inputs/chunks.ts'
import type { Input, Reading, SourceDocument } from './inputs/input.ts'
import type { Language } from './manifest.ts'
import { createDocumentPacker, type PackedDocuments } from './packed-documents.ts'
import { sentenceSplitters } from './sentences.ts'

/** Everything that the encoding of a document depends on besides its text. Can be sent to a thread. */
export interface EncodeSettings {
  /** Pieces of the vocabulary, by id. */
  vocabulary: readonly string[]
  language: Language
  lowerCase: boolean
  reading: Reading
  /** Share of the documents that go into the second corpus; 0 makes only one. */
  heldOut: number
  /** Leave out rows that cannot be used. */
  skipBadLines: boolean
  /** Source of all documents; null takes the name of each file. */
  source: string | null
  annotation: AnnotationSettings | null
}

export interface AnnotationSettings {
  /** URL of the module whose `createAnnotator` makes the annotator. */
  module: string
  /** Files of phrases and names of the user's own. */
  phrases: readonly string[]
  entities: readonly string[]
}

/** Looks for the words, phrases and entities of a document. @param line of its first paragraph, from 1 */
export type DocumentAnnotator = (
  paragraphs: readonly Paragraph[],
  line: number,
) => TextAnnotation[] | Promise<TextAnnotation[]>

/** A chunk as token ids. */
export interface EncodedChunk {
  /** One, or the documents to train on and those held out. */
  corpora: PackedDocuments[]
  /** Unpacked size of the text. */
  bytes: number
  bad: BadRows
}

/** Rows that could not be used. */
export interface BadRows {
  count: number
  /** What is wrong with the first of them. */
  first: string | null
}

export type ChunkEncoder = (chunk: Chunk) => Promise<EncodedChunk>

/**
 * Makes the function that turns chunks into token ids. A document's result depends on its text only.
 *
 * @param annotate instead of the annotator of the settings
 */
export async function createChunkEncoder(
  settings: EncodeSettings,
  annotate?: DocumentAnnotator,
): Promise<ChunkEncoder> {
  const { language, lowerCase, reading, heldOut, skipBadLines, source } = settings
  const vocabulary = createVocabulary(settings.vocabulary)
  const split = sentenceSplitters[language]
  const encoder = createDocumentEncoder(createWordPiece(vocabulary, { lowerCase }), split)
  const annotator =
    annotate ?? (settings.annotation && (await createAnnotator(language, settings.annotation)))
  const packers = (heldOut > 0 ? [0, 1] : [0]).map(() => createDocumentPacker(tokenTypeOf(vocabulary)))

  return async (chunk) => {
    const bad: BadRows = { count: 0, first: null }
    const onBad = (error: Error) => {
      if (!skipBadLines) throw error
      bad.count++
      bad.first ??= error.message
    }
    const name = source ?? nameOf(chunk.input)
    let bytes = chunk.bytes?.bytes.length ?? 0
    for await (const document of documentsOf(chunk, reading, onBad)) {
      const paragraphs = document.paragraphs.map((text) => ({ text, sentenceEnds: split(text) }))
      const found = await annotator?.(paragraphs, document.line)
      for (const [index, { text, sentenceEnds }] of paragraphs.entries()) {
        encoder.addParagraph(text, found?.[index], sentenceEnds)
        if (chunk.rowGroup) bytes += Buffer.byteLength(text) + 1
      }
      const encoded = encoder.finish()
      if (encoded === null) continue
      // The splitter of sentences and the vocabulary may leave nothing of one of two texts.
      if (reading.pairs !== null && encoded.counts.paragraphs !== 2) {
        onBad(await emptyText(chunk, document))
        continue
      }
      packers[heldOut > 0 && placeOf(document, reading) < heldOut ? 1 : 0].add(encoded, name, document.label)
    }
    return { corpora: packers.map((packer) => packer.take()), bytes, bad }
  }
}

async function createAnnotator(
  language: Language,
  { module, phrases, entities }: AnnotationSettings,
): Promise<Annotator> {
  const { createAnnotator } = await importModule(new URL(module))
  return (createAnnotator as (options: object) => Promise<Annotator>)({ language, phrases, entities })
}

const nameOf = ({ path }: Input): string => (path === '-' ? 'stdin' : basename(path))

/**
 * Where in 0 … 1 the hash of a document's text puts it. Of a pair only the first text counts: rows that share it, such
 * as the results of one query, stay together.
 */
function placeOf({ paragraphs }: SourceDocument, { pairs }: Reading): number {
  const text = pairs === null ? paragraphs.join('\n') : paragraphs[0]
  return hash('sha256', `${text}\n`, 'buffer').readUInt32BE(0) / 2 ** 32
}

async function emptyText({ input, bytes }: Chunk, { line }: SourceDocument): Promise<EverlearnError> {
  const number = bytes ? await lineNumber(input, bytes, line - 1 - bytes.linesBefore) : line
  return new EverlearnError(
    'ROW_INVALID',
    `${input.title} ${bytes ? 'line' : 'row'} ${number} has a text without any token; put it right, or go on with --skip-bad-lines`,
  )
}
