import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Vocabulary, vocabularyText } from '../tokenizer/vocabulary.ts'
import { addCounts, type EncodedDocument, noCounts } from './encode-document.ts'
import {
  type CorpusCounts,
  type CorpusFile,
  type CorpusKind,
  type CorpusPiece,
  corpusVersion,
  type Language,
  manifestText,
} from './manifest.ts'
import { createPieceColumns, type PieceColumns } from './piece-columns.ts'
import type { PieceArrays } from './piece-view.ts'

export interface CorpusWriter {
  directory: string
  counts: CorpusCounts
  /** @param label of a pair */
  add(document: EncodedDocument, source: string, label?: string): void
  /** Writes what is left and the manifest; the corpus is then on disk, power cuts included. */
  finish(): void
  /** Closes the files. To be called in any case. */
  close(): void
}

interface OpenPiece {
  directory: string
  columns: PieceColumns
  files: Record<keyof PieceArrays, HashedFile>
}

interface HashedFile {
  write(bytes: Uint8Array): void
  finish(): CorpusFile
  close(): void
}

/**
 * Writes a corpus into a new directory; see docs/corpus-format.md. Documents go into pieces of about `tokensPerPiece`
 * tokens.
 */
export function createCorpusWriter(
  directory: string,
  options: {
    vocabulary: Vocabulary
    kind: CorpusKind
    language: Language
    lowerCase: boolean
    annotated: boolean
    tokensPerPiece: number
  },
): CorpusWriter {
  const { vocabulary, kind, language, lowerCase, annotated, tokensPerPiece } = options
  const tokenType = vocabulary.size <= 0x10000 ? 'uint16' : 'uint32'
  const counts = noCounts()
  const pieces: CorpusPiece[] = []
  let open: OpenPiece | undefined
  mkdirSync(directory, { recursive: true })

  const openPiece = (): OpenPiece => {
    const name = `piece-${String(pieces.length).padStart(5, '0')}`
    mkdirSync(join(directory, name))
    const create = (file: string) => createHashedFile(join(directory, name), file)
    const files = {
      tokens: create(tokenType === 'uint16' ? 'tokens.u16' : 'tokens.u32'),
      flags: create('flags.u8'),
      sentences: create('sentences.u32'),
      paragraphs: create('paragraphs.u32'),
      phrases: create('phrases.u32'),
      entities: create('entities.u32'),
      documents: create('documents.u32'),
    }
    const columns = createPieceColumns(tokenType, (column, values) =>
      files[column].write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
    )
    return { directory: name, columns, files }
  }
  const finishPiece = () => {
    if (open === undefined) return
    open.columns.finish()
    const files = Object.entries(open.files).map(([role, file]) => [role, file.finish()])
    const { counts, sources, labels } = open.columns
    pieces.push({ directory: open.directory, counts, sources, labels, files: Object.fromEntries(files) })
    syncDirectory(join(directory, open.directory))
    open = undefined
  }
  const writeFile = (name: string, text: string): CorpusFile => {
    const file = createHashedFile(directory, name)
    try {
      file.write(Buffer.from(text))
      return file.finish()
    } finally {
      file.close()
    }
  }
  return {
    directory,
    counts,
    add(document, source, label) {
      open ??= openPiece()
      open.columns.add(document, source, label)
      addCounts(counts, document.counts)
      if (open.columns.counts.tokens >= tokensPerPiece) finishPiece()
    },
    finish() {
      finishPiece()
      const { name, bytes, sha256 } = writeFile('vocab.txt', vocabularyText(vocabulary))
      writeFile(
        'manifest.json',
        manifestText({
          format: 'everlearn-corpus',
          version: corpusVersion,
          kind,
          language,
          lowerCase,
          annotated,
          tokenType,
          vocabulary: { name, size: vocabulary.size, bytes, sha256 },
          counts,
          pieces,
        }),
      )
      syncDirectory(directory)
    },
    close() {
      for (const file of Object.values(open?.files ?? {})) file.close()
      open = undefined
    },
  }
}

/** A file whose size and hash are known when it is finished. Small writes are gathered. */
function createHashedFile(directory: string, name: string): HashedFile {
  const file = openSync(join(directory, name), 'wx')
  const hash = createHash('sha256')
  const buffer = new Uint8Array(1 << 18)
  let used = 0
  let total = 0
  let open = true
  const put = (bytes: Uint8Array) => {
    hash.update(bytes)
    for (let start = 0; start < bytes.length; ) start += writeSync(file, bytes, start)
    total += bytes.length
  }
  const close = () => {
    if (open) closeSync(file)
    open = false
  }
  const flush = () => {
    put(buffer.subarray(0, used))
    used = 0
  }
  return {
    write(bytes) {
      if (used + bytes.length > buffer.length) flush()
      if (bytes.length > buffer.length) {
        put(bytes)
      } else {
        buffer.set(bytes, used)
        used += bytes.length
      }
    },
    finish() {
      flush()
      fsyncSync(file)
      close()
      return { name, bytes: total, sha256: hash.digest('hex') }
    },
    close,
  }
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
