import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { EverlearnError } from '../../error.ts'
import type { Input } from './input.ts'

/** Bytes read at a time. */
const block = 1 << 20

/**
 * The unpacked bytes of an input, a block at a time; gzip is known by its first bytes.
 *
 * @param options.onRead told the bytes taken from the input itself, as they are on disk
 * @param options.start first byte, `end` the one behind the last: for files that are not packed
 * @throws EverlearnError `FILE_UNREADABLE`
 */
export async function* readBytes(
  { path, title }: Input,
  options: { onRead?: (bytes: number) => void; start?: number; end?: number } = {},
): AsyncGenerator<Buffer> {
  const { onRead, start = 0, end = Number.POSITIVE_INFINITY } = options
  if (end <= start) return
  const stream =
    path === '-' ? process.stdin : createReadStream(path, { highWaterMark: block, start, end: end - 1 })
  async function* stored() {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      onRead?.(chunk.length)
      yield chunk
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
    if (start === 0 && isGzip(value)) {
      yield* pipeline(whole, createGunzip({ chunkSize: block }), () => {})
    } else {
      yield* whole()
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

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}
