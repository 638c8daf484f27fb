import { type ReadOptions, readDocuments } from '../../lib/data/inputs/read-documents.ts'

/** All documents of files: paragraphs, line and, where there is one, label. */
export async function readAll(names: string | string[], options?: ReadOptions) {
  const found: { paragraphs: string[]; line: number; label?: string }[] = []
  for await (const { paragraphs, line, label } of readDocuments([names].flat(), options)) {
    found.push(label === undefined ? { paragraphs, line } : { paragraphs, line, label })
  }
  return found
}
