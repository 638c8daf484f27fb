/**
 * Forms of text that are read: `text`, one paragraph a line, a blank line between documents; `jsonl`, a JSON object a
 * line; `tsv`, rows of columns with their names in the first line; `parquet`. All but the last also as gzip.
 */
export const inputFormats = ['text', 'jsonl', 'tsv', 'parquet'] as const

export type InputFormat = (typeof inputFormats)[number]

/** Something to read text from. */
export interface Input {
  /** Path of the file, `-` for standard input. */
  path: string
  /** What to call it in messages. */
  title: string
  format: InputFormat
  /** Whether the file is gzip: to read a part of it, all before is unpacked and thrown away. */
  packed: boolean
  /** Bytes on disk; null for standard input. */
  size: number | null
}

/** How rows and documents are taken from inputs. */
export interface Reading {
  /** Of JSONL and Parquet, the field that holds a document's text. Not used for pairs. */
  field: string
  /** Columns of labelled pairs; null where inputs hold documents. */
  pairs: PairColumns | null
  /** Bytes a line may have. */
  longestLine: number
  /** Characters a document may have. */
  longestDocument: number
}

export interface PairColumns {
  first: string
  second: string
  /** Null where pairs have no label. */
  label: string | null
  /** Names of the labels by their value in the column: no other value may occur. Null takes values as they are. */
  labels: Record<string, string> | null
}

/** A document as an input holds it. */
export interface SourceDocument {
  /** In a text, the lines that are not blank. Of a pair, the first and the second text. */
  paragraphs: string[]
  /** Line of the file or row of the Parquet file in which it begins, from 1; counted from where reading began. */
  line: number
  /** Of a pair. */
  label?: string
}

/** What a file says is wrong with a row, and whether to go on without it: a handler throws to stop. */
export type BadRowHandler = (error: Error) => void

export const defaultReading: Reading = {
  field: 'text',
  pairs: null,
  longestLine: 2 ** 24,
  longestDocument: 2 ** 25,
}
