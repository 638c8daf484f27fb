import { extname } from 'node:path'
import type { TextAnnotation } from './annotate/annotator.ts'
import { importModule } from './import-module.ts'

/** Units of a text from the user's own tagger, read along with the text. */
export interface SpanReader {
  /** Units of a line of the text, from 1. Lines must be asked for in ascending order. */
  annotate(line: number, paragraph: string, sentenceEnds: readonly number[]): Promise<TextAnnotation>
  /** Refuses spans of lines behind the last of `lines` lines of the text. */
  finish(lines: number): Promise<void>
  close(): Promise<void>
}

/** Opens a file of spans. @throws EverlearnError what is wrong with it, naming file and line */
export async function openSpans(path: string): Promise<SpanReader> {
  const module = new URL(`./annotate/span-file${extname(import.meta.url)}`, import.meta.url)
  const { readSpans } = await importModule(module)
  return (readSpans as (path: string) => SpanReader)(path)
}
