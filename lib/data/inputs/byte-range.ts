import { type ByteRange, isBlank, type Separator } from './byte-chunks.ts'
import type { Input, Reading } from './input.ts'
import { readBytes } from './read-bytes.ts'

/**
 * The range of whole documents that stands for the bytes `start` to `end` of a file that is not packed. Ranges that
 * meet without a gap stand for documents that follow one another without a gap, wherever they meet.
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

/** First byte of a document that begins, or follows a blank line that begins, at `wanted` or later. */
async function firstBeginning(
  input: Input,
  separator: Separator,
  wanted: number,
  { longestLine }: Reading,
): Promise<number> {
  const size = input.size as number
  if (wanted <= 0 || wanted >= size) return Math.min(wanted, size)
  // The byte before tells whether a line begins at `wanted`.
  let position = wanted - 1
  let line: Buffer[] | undefined
  let length = 0
  for await (const block of readBytes(input, { start: position })) {
    let start = 0
    for (let end = block.indexOf(0x0a) + 1; end > 0; end = block.indexOf(0x0a, start) + 1) {
      if (separator === 'line end') return position + end
      if (line !== undefined && isBlank(Buffer.concat([...line, block.subarray(start, end)])))
        return position + end
      line = []
      length = 0
      start = end
    }
    length += block.length - start
    // Whoever reads the line refuses it.
    if (length > longestLine) return size
    line?.push(block.subarray(start))
    position += block.length
  }
  return size
}
