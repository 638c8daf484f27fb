import type { DocumentAnnotator } from '../encode-chunk.ts'
import { lineNumber, readChunks } from '../inputs/byte-chunks.ts'
import type { Chunk, InputPart } from '../inputs/chunks.ts'
import type { Input, Reading } from '../inputs/input.ts'
import type { TextAnnotation } from './annotator.ts'
import { readSpans } from './span-file.ts'

/** Units of a text, or of a part of it, from a file of spans; see {@link readSpans}. */
export interface SpanAnnotation {
  /** To be called with each chunk of the text before its documents. */
  begin(chunk: Chunk): Promise<void>
  annotate: DocumentAnnotator
  /** To be called after the last chunk: refuses spans of lines behind the text. */
  finish(): Promise<void>
  close(): Promise<void>
}

/** @param part of a text; undefined for none of it */
export function createSpanAnnotation(
  path: string,
  part: InputPart | undefined,
  reading: Reading,
): SpanAnnotation {
  const spans = readSpans(path)
  /** Lines of the text before the part, and to the end of the last chunk. */
  let before: number | undefined
  let lines: number | undefined
  return {
    async begin({ input, bytes }) {
      if (!bytes) return
      before ??= (await lineNumber(input, { ...bytes, linesBefore: 0 }, 0)) - 1
      lines = before + bytes.linesBefore + bytes.lines
    },
    async annotate(paragraphs, line) {
      const first = (before as number) + line
      const found: TextAnnotation[] = []
      for (const [index, { text, sentenceEnds }] of paragraphs.entries())
        found.push(await spans.annotate(first + index, text, sentenceEnds))
      return found
    },
    async finish() {
      // What is behind a part may belong to the next one.
      if (part === undefined || part.end < (part.input.size ?? 0)) return
      await spans.finish(lines ?? (await linesOf(part.input, reading)))
    },
    close: () => spans.close(),
  }
}

async function linesOf(input: Input, reading: Reading): Promise<number> {
  let lines = 0
  for await (const chunk of readChunks(input, 'line end', reading)) lines = chunk.linesBefore + chunk.lines
  return lines
}
