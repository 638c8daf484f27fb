import { isUtf8 } from 'node:buffer'
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { EverlearnError } from '../error.ts'

/** Lines that follow one another in a file, without their ends. */
export interface LineBatch {
  lines: string[]
  /** Number of the first of them, from 1. */
  firstLine: number
  /** Their size in the unpacked file. */
  bytes: number
}

/** Bytes read at a time; so much text is in memory, besides one line. */
const block = 1 << 20

/**
 * The lines of a UTF-8 file, plain or gzip, some at a time. A byte order mark and the carriage return of a Windows line
 * end are taken off.
 *
 * @param longestLine bytes a line may have
 * @param onRead told the bytes taken from the file itself, as they are on disk
 * @throws EverlearnError `FILE_UNREADABLE`, `NOT_UTF8` (naming line and byte), `LINE_TOO_LONG`
 */
export async function* readLines(
  path: string,
  longestLine: number,
  onRead: (bytes: number) => void = () => {},
): AsyncGenerator<LineBatch> {
  let firstLine = 1
  let offset = 0
  let parts: Buffer[] = []
  let waiting = 0
  const takeLines = (end: Buffer): LineBatch => {
    const bytes = parts.length === 0 ? end : Buffer.concat([...parts, end])
    if (!isUtf8(bytes)) throw notUtf8(path, bytes, firstLine, offset)
    const text = bytes.toString('utf8', offset === 0 && startsWithMark(bytes) ? 3 : 0)
    const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    // What follows the last line end is no line.
    if (bytes.at(-1) === 0x0a) lines.pop()
    const batch = { lines, firstLine, bytes: bytes.length }
    firstLine += lines.length
    offset += bytes.length
    parts = []
    waiting = 0
    return batch
  }
  for await (const chunk of readBytes(path, onRead)) {
    const end = chunk.lastIndexOf(0x0a) + 1
    if (waiting + (end > 0 ? chunk.indexOf(0x0a) : chunk.length) > longestLine) {
      throw tooLong(path, firstLine, offset, longestLine)
    }
    if (end > 0) yield takeLines(chunk.subarray(0, end))
    if (end < chunk.length) {
      parts.push(end > 0 ? Buffer.from(chunk.subarray(end)) : chunk)
      waiting += chunk.length - end
    }
  }
  if (waiting > 0) yield takeLines(Buffer.alloc(0))
}

async function* readBytes(path: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  async function* stored() {
    for await (const chunk of createReadStream(path, { highWaterMark: block })) {
      onRead(chunk.length)
      yield chunk as Buffer
    }
  }
  try {
    if (isGzip(path)) yield* pipeline(stored, createGunzip({ chunkSize: block }), () => {})
    else yield* stored()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const damaged = code?.startsWith('Z_') === true
    throw new EverlearnError(
      'FILE_UNREADABLE',
      `cannot read ${path}: ${message}; ` +
        (damaged
          ? 'the gzip file is damaged or cut short, copy it again'
          : 'give a UTF-8 text file, plain or .gz'),
      { cause },
    )
  }
}

function isGzip(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(2)
    return readSync(file, head) === 2 && head[0] === 0x1f && head[1] === 0x8b
  } finally {
    closeSync(file)
  }
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

function tooLong(path: string, line: number, offset: number, longestLine: number): EverlearnError {
  return new EverlearnError(
    'LINE_TOO_LONG',
    `${path} line ${line} (byte ${offset}) is longer than ${longestLine} bytes; ` +
      'a line must hold one paragraph: break the text into lines, with a blank line between documents',
  )
}

function notUtf8(path: string, bytes: Buffer, firstLine: number, offset: number): EverlearnError {
  const bad = firstInvalid(bytes)
  let line = firstLine
  for (let end = bytes.indexOf(0x0a); end >= 0 && end < bad; end = bytes.indexOf(0x0a, end + 1)) line++
  const found = [...bytes.subarray(bad, bad + 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const wide =
    offset === 0 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
  return new EverlearnError(
    'NOT_UTF8',
    `${path} is not UTF-8: line ${line}, byte ${offset + bad} begins ${found}` +
      `${wide ? ', as UTF-16 does' : ''}; convert it, for example: iconv -f ${wide ? 'UTF-16' : 'LATIN1'} -t UTF-8 FILE`,
  )
}

/** Where the first invalid sequence begins: what the decoder replaced although it did not stand there. */
function firstInvalid(bytes: Buffer): number {
  let offset = 0
  for (const character of bytes.toString('utf8')) {
    if (character === '\ufffd' && bytes.toString('hex', offset, offset + 3) !== 'efbfbd') break
    offset += Buffer.byteLength(character)
  }
  return offset
}
