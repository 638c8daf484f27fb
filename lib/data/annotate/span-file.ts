import { EverlearnError } from '../../error.ts'
import { readLines } from '../text-lines.ts'
import type { TextAnnotation } from './annotator.ts'
import { fitSpans } from './fit-spans.ts'
import type { Spans } from './spans.ts'
import { wordBounds } from './words.ts'

/** Units of a text from the user's own tagger, read along with the text. */
export interface SpanReader {
  /**
   * Units of line `line` of the text (from 1). Lines must be asked for in ascending order; spans of the lines left out
   * between are passed over. `words` is there when the line has spans of the kind `word`: each is one word, what they
   * leave out has the words of BERT's pre-tokeniser.
   */
  annotate(line: number, paragraph: string, sentenceEnds: readonly number[]): Promise<TextAnnotation>
  /** To be called after the last of `lines` lines of the text: refuses spans of lines behind. */
  finish(lines: number): Promise<void>
  /** Closes the file. */
  close(): Promise<void>
}

const kinds = ['word', 'phrase', 'entity'] as const
type Kind = (typeof kinds)[number]

interface SpanRow {
  /** Line of the span file. */
  row: number
  /** Line of the text. */
  line: number
  /** Code points in that line. */
  start: number
  end: number
  kind: Kind
}

const longestLine = 1 << 12

/**
 * Reads a file of spans: UTF-8, plain or gzip, a span a line, `line<TAB>start<TAB>end<TAB>kind`. `line` counts the lines
 * of the text from 1, `start` and `end` (exclusive) count Unicode code points in it, kind is word, phrase or entity.
 * Lines ascend; spans of one kind do not overlap. A span that crosses a sentence end is cut there into one span a
 * sentence; an end inside a word of BERT's pre-tokeniser moves out to the word's edge, one among blanks in to the word.
 *
 * The methods of the reader throw EverlearnError `SPANS_UNREADABLE`, `SPANS_INVALID`, naming file and line.
 */
export function readSpans(path: string): SpanReader {
  const rows = readRows(path)
  let next: SpanRow | null | undefined

  /** The row that waits, read when there is none; null behind the last. */
  const peek = async (): Promise<SpanRow | null> => {
    if (next === undefined) next = (await rows.next()).value ?? null
    return next as SpanRow | null
  }
  return {
    async annotate(line, paragraph, sentenceEnds) {
      const found: SpanRow[] = []
      for (let row = await peek(); row !== null && row.line <= line; row = await peek()) {
        if (row.line === line) found.push(row)
        next = undefined
      }
      if (found.length === 0) return { phrases: [], entities: [] }
      const bounds = wordBounds(paragraph)
      const offset = createOffsets(paragraph)
      const of = (kind: Kind) => fitSpans(spansOf(path, found, kind, offset), bounds, sentenceEnds)
      const words = of('word')
      const annotation = { phrases: of('phrase'), entities: of('entity') }
      return words.length > 0 ? { words: wordStarts(words, bounds), ...annotation } : annotation
    },
    async finish(lines) {
      let row = await peek()
      while (row !== null && row.line <= lines) {
        next = undefined
        row = await peek()
      }
      if (row !== null)
        throw invalid(path, row.row, `is about line ${row.line}, but the text has ${lines} lines`)
    },
    async close() {
      await rows.return(undefined)
    },
  }
}

async function* readRows(path: string): AsyncGenerator<SpanRow, undefined> {
  let before = 0
  try {
    for await (const { lines, firstLine } of readLines(path, longestLine)) {
      for (const [index, text] of lines.entries()) {
        const row = parseRow(path, firstLine + index, text)
        if (row.line < before) {
          throw invalid(
            path,
            row.row,
            `is about line ${row.line} and follows line ${before}; lines must ascend`,
          )
        }
        before = row.line
        yield row
      }
    }
  } catch (cause) {
    if (!(cause instanceof EverlearnError) || cause.code.startsWith('SPANS_')) throw cause
    throw new EverlearnError('SPANS_UNREADABLE', `a file of spans cannot be read: ${cause.message}`, {
      cause,
    })
  }
  return undefined
}

function parseRow(path: string, row: number, text: string): SpanRow {
  const fields = text.split('\t')
  if (fields.length !== 4)
    throw invalid(path, row, `has ${fields.length} field${fields.length === 1 ? '' : 's'} instead of four`)
  const numbers = fields.slice(0, 3).map((field, index) => {
    if (/^\d{1,15}$/.test(field)) return Number(field)
    throw invalid(
      path,
      row,
      `has ${JSON.stringify(field)} as ${['line', 'start', 'end'][index]}, which is no number`,
    )
  })
  const kind = kinds.find((name) => name === fields[3])
  if (kind === undefined) throw invalid(path, row, `has the unknown kind ${JSON.stringify(fields[3])}`)
  const [line, start, end] = numbers
  if (line === 0) throw invalid(path, row, 'is about line 0; lines count from 1')
  if (start >= end) throw invalid(path, row, `has the span ${start} to ${end}, which is empty`)
  return { row, line, start, end, kind }
}

/** Spans of a kind in UTF-16 units. */
function spansOf(
  path: string,
  rows: readonly SpanRow[],
  kind: Kind,
  offset: (codePoint: number) => number,
): Spans {
  const chosen = rows.filter((row) => row.kind === kind).sort((first, second) => first.start - second.start)
  const spans: Spans = []
  for (const [index, { row, line, start, end }] of chosen.entries()) {
    const before = chosen[index - 1]
    if (before !== undefined && before.end > start) {
      throw invalid(
        path,
        row,
        `has the ${kind} ${start} to ${end}, which overlaps that of line ${before.row}`,
      )
    }
    const to = offset(end)
    if (to < 0)
      throw invalid(path, row, `has the span ${start} to ${end}, but line ${line} of the text is shorter`)
    spans.push(offset(start), to)
  }
  return spans
}

/** Turns code points of a text into UTF-16 units; -1 behind its end. */
function createOffsets(text: string): (codePoint: number) => number {
  if (!/[\ud800-\udfff]/.test(text)) return (codePoint) => (codePoint <= text.length ? codePoint : -1)
  const offsets = [0]
  for (const character of text) offsets.push(offsets[offsets.length - 1] + character.length)
  return (codePoint) => offsets[codePoint] ?? -1
}

/** Where the words of `bounds` begin, less those inside one of `spans`. */
function wordStarts(spans: Spans, bounds: readonly number[]): number[] {
  const starts: number[] = []
  let next = 0
  for (let index = 0; index < bounds.length; index += 2) {
    while (next < spans.length && spans[next + 1] <= bounds[index]) next += 2
    if (next >= spans.length || bounds[index] <= spans[next]) starts.push(bounds[index])
  }
  return starts
}

function invalid(path: string, row: number, found: string): EverlearnError {
  return new EverlearnError(
    'SPANS_INVALID',
    `${path} line ${row} ${found}; a line is line<TAB>start<TAB>end<TAB>${kinds.join('|')}, in code points of that line`,
  )
}
