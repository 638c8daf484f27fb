import { EverlearnError } from '../../error.ts'
import type { Input, Reading } from './input.ts'
import { readBytes } from './read-bytes.ts'

/** Whole documents or rows that follow one another in an input, as bytes that nobody has looked at yet. */
export interface ByteChunk {
  /** In memory of their own, so that they can be given to another thread. */
  bytes: Uint8Array<ArrayBuffer>
  /** Byte of the unpacked input at which they begin. */
  offset: number
  /** Lines before them, from `countedFrom` on. */
  linesBefore: number
  /** Lines in them; the last line of a file may have no end. */
  lines: number
  /** Byte of the file from which lines were counted: 0 unless only a part of it is read. */
  countedFrom: number
}

/** What ends a document or row. */
export type Separator = 'blank line' | 'line end'

/** Unpacked bytes of an input, of whole documents; see byte-range.ts. */
export interface ByteRange {
  start: number
  end: number
}

/** Bytes of a chunk, about: enough work for a thread to be worth the way there, few enough for memory to stay small. */
const chunkSize = 1 << 20
const lineEnd = 0x0a

/**
 * Cuts an input into chunks of about a megabyte that end where documents or rows end.
 *
 * @param options.range of whole documents, see {@link ByteRange}
 * @param options.onRead as for {@link readBytes}
 * @throws EverlearnError `LINE_TOO_LONG` as soon as a line is, and what {@link readBytes} throws
 */
export async function* readChunks(
  input: Input,
  separator: Separator,
  { longestLine, longestDocument }: Reading,
  {
    range = { start: 0, end: Number.POSITIVE_INFINITY },
    onRead,
  }: {
    range?: ByteRange
    onRead?: (bytes: number) => void
  } = {},
): AsyncGenerator<ByteChunk> {
  // So many bytes hold more characters than a document may have: 3 bytes a character and 2 of its line's end.
  const most = Math.max(chunkSize, 5 * longestDocument)
  let parts: Buffer[] = []
  let size = 0
  let wanted = chunkSize
  let offset = range.start
  let lines = 0
  let linesWaiting = 0
  let openLine = 0
  /** Whether the lines of the next block are short enough. */
  const countLines = (block: Buffer): boolean => {
    let start = 0
    for (let end = block.indexOf(lineEnd); ; end = block.indexOf(lineEnd, start)) {
      openLine += (end < 0 ? block.length : end) - start
      if (openLine > longestLine) return false
      if (end < 0) return true
      openLine = 0
      linesWaiting++
      start = end + 1
    }
  }
  const take = (bytes: Buffer, inside: number): ByteChunk => {
    const chunk = {
      bytes: new Uint8Array(bytes),
      offset,
      linesBefore: lines,
      lines: inside,
      countedFrom: range.start,
    }
    offset += bytes.length
    lines += inside
    linesWaiting -= inside
    return chunk
  }
  for await (const block of readBytes(input, { onRead, ...range })) {
    if (!countLines(block)) {
      const line = await lineNumber(input, { linesBefore: lines, countedFrom: range.start }, linesWaiting)
      throw tooLong(input.title, line, longestLine, separator)
    }
    parts.push(block)
    size += block.length
    if (size < wanted) continue
    const bytes = Buffer.concat(parts)
    const end = lastEnd(bytes, separator) || (separator === 'blank line' && size >= most ? size : 0)
    if (end > 0) {
      // What follows the last end is part of the next chunk.
      const left = separator === 'line end' || end === size ? 0 : countIn(bytes.subarray(end))
      yield take(bytes.subarray(0, end), linesWaiting - left)
    }
    parts = end === size ? [] : [bytes.subarray(end)]
    size -= end
    // Looking for an end again with every block would read a long document over and over.
    wanted = Math.max(chunkSize, 2 * size)
  }
  if (size > 0) yield take(Buffer.concat(parts), linesWaiting + (openLine > 0 ? 1 : 0))
}

/** Where the last document or row that ends in `bytes` ends, its separator included; 0 when none does. */
function lastEnd(bytes: Buffer, separator: Separator): number {
  let end = bytes.lastIndexOf(lineEnd) + 1
  if (separator === 'line end') return end
  while (end > 0) {
    const start = end === 1 ? 0 : bytes.lastIndexOf(lineEnd, end - 2) + 1
    if (isBlank(bytes.subarray(start, end))) return end
    end = start
  }
  return 0
}

/** Whether a line has nothing but white space. */
export function isBlank(line: Buffer): boolean {
  const first = line[0]
  if (first > 0x20 && first < 0x80) return false
  return line.toString().trim() === ''
}

function countIn(bytes: Buffer): number {
  let count = 0
  for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, end + 1)) count++
  return count
}

/** Lines before a byte of a file, as counted last. */
let counted = { path: '', byte: 0, lines: 0 }

/** Number of a line of a chunk, from 1, for messages; the lines before a range are counted only now. */
export async function lineNumber(
  input: Input,
  { linesBefore, countedFrom }: Pick<ByteChunk, 'linesBefore' | 'countedFrom'>,
  index: number,
): Promise<number> {
  if (countedFrom === 0) return 1 + linesBefore + index
  if (counted.path !== input.path || counted.byte !== countedFrom) {
    let lines = 0
    for await (const block of readBytes(input, { end: countedFrom })) lines += countIn(block)
    counted = { path: input.path, byte: countedFrom, lines }
  }
  return 1 + counted.lines + linesBefore + index
}

function tooLong(title: string, line: number, longestLine: number, separator: Separator): EverlearnError {
  return new EverlearnError(
    'LINE_TOO_LONG',
    `${title} line ${line} is longer than ${longestLine} bytes; ` +
      (separator === 'line end'
        ? 'a line must hold one row or document: break it up, or see whether the format is right'
        : 'a line must hold one paragraph: break the text into lines, with a blank line between documents'),
  )
}
