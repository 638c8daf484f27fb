import { createReadStream } from 'node:fs'
import { EverlearnError } from '../../error.ts'
import type { Input } from './input.ts'
import { unpack } from './unpack.ts'

/** Bytes read at a time. */
const blockSize = 1 << 20

export interface ReadBytesOptions {
  /** Told the bytes taken from the input itself, as they are on disk; not those that only lead to `start`. */
  onRead?: (bytes: number) => void
  /** First byte, of gzip of its unpacked bytes. */
  start?: number
  /** The byte behind the last. */
  end?: number
  /** A byte of the file on disk. */
  mark?: number
  /** Told when all that the bytes before `mark` stand for was handed over, and no more. */
  onMark?: () => void
}

/**
 * The unpacked bytes of an input, a block at a time; gzip is known by its first bytes. What stands before `start` in gzip
 * is unpacked and thrown away.
 *
 * @throws EverlearnError `FILE_UNREADABLE`
 */
export async function* readBytes(
  { path, title, packed }: Input,
  { onRead, start = 0, end = Number.POSITIVE_INFINITY, mark, onMark }: ReadBytesOptions = {},
): AsyncGenerator<Buffer> {
  if (end <= start) return
  const range = packed ? {} : { start, end: end - 1 }
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: blockSize, ...range })
  let isWanted = !packed || start === 0
  async function* stored() {
    let taken = 0
    for await (const block of stream as AsyncIterable<Buffer>) {
      if (isWanted) onRead?.(block.length)
      for (const part of cutAt(block, mark === undefined ? 0 : mark - taken)) {
        yield part
        taken += part.length
        if (taken === mark) onMark?.()
      }
    }
  }
  const blocks = stored()
  try {
    const { done, value } = await blocks.next()
    if (done) return
    async function* whole() {
      yield value as Buffer
      yield* blocks
    }
    if (!packed && (start > 0 || !isGzip(value))) {
      yield* whole()
      return
    }
    let offset = 0
    for await (const bytes of unpack(whole(), blockSize)) {
      const from = Math.max(0, start - offset)
      if (from < bytes.length) {
        isWanted = true
        yield bytes.subarray(from, Math.min(bytes.length, end - offset))
      }
      offset += bytes.length
      if (offset >= end) return
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const damaged = code?.startsWith('Z_') === true
    throw new EverlearnError(
      'FILE_UNREADABLE',
      `cannot read ${title}: ${message}; ` +
        (damaged
          ? 'the gzip file is damaged or cut short, copy it again'
          : 'give a UTF-8 text file, plain or .gz'),
      { cause },
    )
  } finally {
    stream.destroy()
  }
}

/** A block in two where `at` lies inside of it. */
const cutAt = (block: Buffer, at: number): Buffer[] =>
  at > 0 && at < block.length ? [block.subarray(0, at), block.subarray(at)] : [block]

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}
