import { type ByteRange, isBlank, type Separator } from './byte-chunks.ts'
import type { Input, Reading } from './input.ts'
import { readBytes } from './read-bytes.ts'

/**
 * The range of whole documents, in unpacked bytes, that stands for the bytes `start` to `end` of a file on disk. Ranges
 * that meet without a gap stand for documents that follow one another without a gap, wherever they meet.
 */
export async function wholeDocuments(
  input: Input,
  separator: Separator,
  { start, end }: ByteRange,
  reading: Reading,
): Promise<ByteRange> {
  const at = (byte: number) => firstBeginning(input, separator, byte, reading)
  return { start: await at(start), end: await at(end) }
}

/**
 * First unpacked byte of a document that begins, or follows a blank line that begins, at byte `wanted` of the file or
 * later. Of gzip this byte stands for what is unpacked next when so many bytes of the file are: that is the same on any
 * machine, and the file need not be read to its end to be cut.
 */
async function firstBeginning(
  input: Input,
  separator: Separator,
  wanted: number,
  { longestLine }: Reading,
): Promise<number> {
  const size = input.size as number
  const end = input.packed ? Number.POSITIVE_INFINITY : size
  if (wanted <= 0) return 0
  if (wanted >= size) return end
  let line: Buffer[] | undefined
  let length = 0
  for await (const { block, offset } of blocksFrom(input, wanted)) {
    let start = 0
    for (let next = block.indexOf(0x0a) + 1; next > 0; next = block.indexOf(0x0a, start) + 1) {
      if (separator === 'line end') return offset + next
      if (line !== undefined && isBlank(Buffer.concat([...line, block.subarray(start, next)])))
        return offset + next
      line = []
      length = 0
      start = next
    }
    length += block.length - start
    // Whoever reads the line refuses it.
    if (length > longestLine) return end
    line?.push(block.subarray(start))
  }
  return end
}

/** The unpacked bytes from the one before `wanted` on: it tells whether a line begins there. */
async function* blocksFrom(input: Input, wanted: number): AsyncGenerator<{ block: Buffer; offset: number }> {
  if (!input.packed) {
    let offset = wanted - 1
    for await (const block of readBytes(input, { start: offset })) {
      yield { block, offset }
      offset += block.length
    }
    return
  }
  let isReached = false
  let offset = 0
  let before: Buffer = Buffer.alloc(0)
  const onMark = () => {
    isReached = true
  }
  for await (const block of readBytes(input, { mark: wanted, onMark })) {
    if (isReached && before.length > 0) yield { block: before, offset: offset - 1 }
    if (isReached) yield { block, offset }
    else before = block.subarray(-1)
    offset += block.length
  }
}
