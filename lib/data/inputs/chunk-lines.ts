import { isUtf8 } from 'node:buffer'
import { EverlearnError } from '../../error.ts'
import { type ByteChunk, lineNumber } from './byte-chunks.ts'
import type { Input } from './input.ts'

/**
 * The lines of a chunk without their ends. A byte order mark and the carriage return of a Windows line end are taken
 * off.
 *
 * @throws EverlearnError `NOT_UTF8`, naming line and byte
 */
export async function chunkLines(input: Input, chunk: ByteChunk): Promise<string[]> {
  const bytes = Buffer.from(chunk.bytes.buffer)
  if (!isUtf8(bytes)) throw await notUtf8(input, chunk, bytes)
  const marked = chunk.offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const text = bytes.toString('utf8', marked ? 3 : 0)
  const lines = text.split('\n')
  // What follows the last line end is no line.
  if (bytes.at(-1) === 0x0a) lines.pop()
  if (!text.includes('\r')) return lines
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}

async function notUtf8(input: Input, chunk: ByteChunk, bytes: Buffer): Promise<EverlearnError> {
  const bad = firstInvalid(bytes)
  let index = 0
  for (let end = bytes.indexOf(0x0a); end >= 0 && end < bad; end = bytes.indexOf(0x0a, end + 1)) index++
  const found = [...bytes.subarray(bad, bad + 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const [first, second] = chunk.offset === 0 ? bytes : []
  const wide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  return new EverlearnError(
    'NOT_UTF8',
    `${input.title} is not UTF-8: line ${await lineNumber(input, chunk, index)}, byte ${chunk.offset + bad} begins ` +
      `${found}${wide ? ', as UTF-16 does' : ''}; ` +
      `convert it, for example: iconv -f ${wide ? 'UTF-16' : 'LATIN1'} -t UTF-8 FILE`,
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
