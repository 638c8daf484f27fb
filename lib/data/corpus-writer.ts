import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Vocabulary, vocabularyText } from '../tokenizer/vocabulary.ts'
import { createHashedFile, type HashedFile, syncDirectory, writeFileDurably } from './durable-file.ts'
import { addCounts, noCounts } from './encode-document.ts'
import {
  type CorpusCounts,
  type CorpusManifest,
  type CorpusPiece,
  corpusVersion,
  manifestText,
  type TokenType,
} from './manifest.ts'
import { createNames } from './names.ts'
import { countNames, documentsIn, type PackedDocuments } from './packed-documents.ts'
import { documentFields, type PieceArrays } from './piece-view.ts'

export interface CorpusWriter {
  counts: CorpusCounts
  append(documents: PackedDocuments): void
  /** Brings what was appended to the disk. The corpus opens when {@link writeManifest} has been called. */
  finish(): CorpusPiece[]
  /** Closes the files. To be called in any case. */
  close(): void
}

/** Widths of the numbers in the names of pieces; so they sort in their order. */
export const pieceNumber = (number: number): string => String(number).padStart(5, '0')

const startColumns = ['tokens', 'sentences', 'paragraphs', 'phrases', 'entities'] as const

/**
 * Writes the pieces of a corpus into a directory, `PREFIX-00000` and so on; see docs/corpus-format.md. A piece has about
 * `tokensPerPiece` tokens, however the documents are appended.
 */
export function createCorpusWriter(
  directory: string,
  { tokenType, tokensPerPiece, prefix }: { tokenType: TokenType; tokensPerPiece: number; prefix: string },
): CorpusWriter {
  const counts = noCounts()
  const pieces: CorpusPiece[] = []
  let open: OpenPiece | undefined
  mkdirSync(directory, { recursive: true })

  const finishPiece = () => {
    if (open === undefined) return
    pieces.push(open.finish())
    open = undefined
  }
  return {
    counts,
    append(documents) {
      const { length } = documents.documents
      const end = documentsIn(documents)
      const tokensBefore = (document: number) => documents.documents[documentFields * document]
      for (let first = 0, next = 0; first < end; first = next) {
        open ??= openPiece(directory, `${prefix}-${pieceNumber(pieces.length)}`, tokenType)
        const before = open.counts.tokens - tokensBefore(first)
        while (next < end && before + tokensBefore(next) < tokensPerPiece) next++
        open.append(documents, first, next)
        if (next < end || before + documents.documents[length - documentFields] >= tokensPerPiece)
          finishPiece()
      }
      for (const [index, value] of documents.counts.entries())
        counts[countNames[index % countNames.length]] += value
    },
    finish() {
      finishPiece()
      syncDirectory(directory)
      return pieces
    },
    close() {
      open?.close()
      open = undefined
    },
  }
}

interface OpenPiece {
  counts: CorpusCounts
  /** Appends documents `first` to `end`, exclusive. */
  append(documents: PackedDocuments, first: number, end: number): void
  finish(): CorpusPiece
  close(): void
}

function openPiece(directory: string, name: string, tokenType: TokenType): OpenPiece {
  const path = join(directory, name)
  mkdirSync(path)
  const create = (file: string) => createHashedFile(path, file)
  const files: Record<keyof PieceArrays, HashedFile> = {
    tokens: create(tokenType === 'uint16' ? 'tokens.u16' : 'tokens.u32'),
    flags: create('flags.u8'),
    sentences: create('sentences.u32'),
    paragraphs: create('paragraphs.u32'),
    phrases: create('phrases.u32'),
    entities: create('entities.u32'),
    documents: create('documents.u32'),
  }
  const counts = noCounts()
  const sources = createNames()
  const labels = createNames()
  /** Where the next document begins in each of {@link startColumns}. */
  const begin = startColumns.map(() => 0)
  const write = (column: keyof PieceArrays, values: PieceArrays[keyof PieceArrays]) =>
    files[column].write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  return {
    counts,
    append(documents, first, end) {
      const from = documentFields * first
      const to = documentFields * end
      const rows = documents.documents.slice(from, to)
      for (let row = 0; row < rows.length; row += documentFields) {
        for (const [field, start] of begin.entries())
          rows[row + field] += start - documents.documents[from + field]
        rows[row + 5] = sources.numberOf(documents.sources[rows[row + 5]])
        if (rows[row + 6] > 0) rows[row + 6] = labels.numberOf(documents.labels[rows[row + 6] - 1]) + 1
      }
      write('documents', rows)
      for (const [field, column] of startColumns.entries()) {
        const [start, stop] = [documents.documents[from + field], documents.documents[to + field]]
        write(column, documents[column].subarray(start, stop))
        if (column === 'tokens') write('flags', documents.flags.subarray(start, stop))
        begin[field] += stop - start
      }
      const width = countNames.length
      for (let index = first * width; index < end * width; index++) {
        counts[countNames[index % width]] += documents.counts[index]
      }
    },
    finish() {
      write('documents', Uint32Array.of(...begin, 0, 0))
      const finished = Object.entries(files).map(([role, file]) => [role, file.finish()])
      syncDirectory(path)
      return {
        directory: name,
        counts,
        sources: sources.names,
        labels: labels.names,
        files: Object.fromEntries(finished),
      }
    },
    close() {
      for (const file of Object.values(files)) file.close()
    },
  }
}

/** What a manifest says besides what follows from pieces and vocabulary. */
export type CorpusSettings = Pick<CorpusManifest, 'kind' | 'language' | 'lowerCase' | 'annotated'>

/** Makes a corpus of pieces that are on disk: from now on the directory opens. Returns what it holds. */
export function writeManifest(
  directory: string,
  { kind, language, lowerCase, annotated }: CorpusSettings,
  vocabulary: Vocabulary,
  pieces: CorpusPiece[],
): CorpusCounts {
  const counts = noCounts()
  for (const piece of pieces) addCounts(counts, piece.counts)
  const { name, bytes, sha256 } = writeFileDurably(directory, 'vocab.txt', vocabularyText(vocabulary))
  const text = manifestText({
    format: 'everlearn-corpus',
    version: corpusVersion,
    kind,
    language,
    lowerCase,
    annotated,
    tokenType: tokenTypeOf(vocabulary),
    vocabulary: { name, size: vocabulary.size, bytes, sha256 },
    counts,
    pieces,
  })
  writeFileDurably(directory, 'manifest.json', text)
  return counts
}

export const tokenTypeOf = ({ size }: Pick<Vocabulary, 'size'>): TokenType =>
  size <= 0x10000 ? 'uint16' : 'uint32'
