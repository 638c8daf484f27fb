import { chunksOf, documentsOf, wholeInput } from './chunks.ts'
import { findInputs } from './find-inputs.ts'
import { defaultReading, type InputFormat, type Reading, type SourceDocument } from './input.ts'

export interface ReadOptions extends Partial<Reading> {
  /** Format of all inputs; by default their endings tell. */
  format?: InputFormat
  /** Told of each row that cannot be used, which is then left out. By default the first one is thrown. */
  onBadRow?: (error: Error) => void
  /** Told the bytes taken from each file, as they are on disk. */
  onRead?: (bytes: number) => void
}

/**
 * The documents of files, globs and standard input (`-`), one after another: text, JSONL and Parquet, see
 * {@link findInputs}. About a megabyte is in memory, or one row group of a Parquet file.
 *
 * @throws EverlearnError what is wrong with an input, naming file and line
 */
export async function* readDocuments(
  names: readonly string[],
  { format, onBadRow, onRead, ...changes }: ReadOptions = {},
): AsyncGenerator<SourceDocument & { file: string }> {
  const reading = { ...defaultReading, ...changes }
  const onBad = onBadRow ?? stop
  for (const input of findInputs(names, { format, pairs: reading.pairs !== null })) {
    for await (const chunk of chunksOf(wholeInput(input), reading, onRead)) {
      for await (const document of documentsOf(chunk, reading, onBad))
        yield { ...document, file: input.title }
    }
  }
}

/** The paragraphs of the documents of {@link readDocuments}. */
export async function* readParagraphs(
  names: readonly string[],
  options?: ReadOptions,
): AsyncGenerator<string> {
  for await (const document of readDocuments(names, options)) yield* document.paragraphs
}

function stop(error: Error): never {
  throw error
}
