import { EverlearnError } from '../../error.ts'
import { type ByteChunk, lineNumber } from './byte-chunks.ts'
import { chunkLines } from './chunk-lines.ts'
import type { Input, Reading, SourceDocument } from './input.ts'

/**
 * Documents of plain text: paragraphs are lines, a blank line or the end of the file ends a document.
 *
 * @throws EverlearnError `DOCUMENT_TOO_LONG`, `NOT_UTF8`
 */
export async function* textDocuments(
  input: Input,
  chunk: ByteChunk,
  { longestDocument }: Reading,
): AsyncGenerator<SourceDocument> {
  let paragraphs: string[] = []
  let length = 0
  let first = 0
  for (const [index, line] of (await chunkLines(input, chunk)).entries()) {
    if (line.trim() !== '') {
      if (length === 0) first = index
      length += line.length
      if (length > longestDocument) throw await tooLong(input, chunk, first, index, longestDocument)
      paragraphs.push(line)
    } else if (length > 0) {
      yield { paragraphs, line: 1 + chunk.linesBefore + first }
      paragraphs = []
      length = 0
    }
  }
  if (length > 0) yield { paragraphs, line: 1 + chunk.linesBefore + first }
}

async function tooLong(input: Input, chunk: ByteChunk, first: number, last: number, longest: number) {
  const begin = await lineNumber(input, chunk, first)
  return new EverlearnError(
    'DOCUMENT_TOO_LONG',
    `the document from line ${begin} to ${begin + last - first} of ${input.title} passes ${longest} characters ` +
      'without a blank line; put a blank line between documents',
  )
}
