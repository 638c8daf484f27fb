import type { WordPiece } from '../tokenizer/wordpiece.ts'
import type { Example } from './read-examples.ts'

/** An example as the encoder takes it: `[CLS] first [SEP]` or `[CLS] first [SEP] second [SEP]`. */
export interface EncodedExample {
  ids: Int32Array
  /** Tokens of the first segment, its special tokens included; the others are of segment 1. */
  firstLength: number
  label: number
}

/**
 * Cuts the texts of an example into pieces. What is longer than `maxLength` is cut at the ends, the longer text first,
 * as BERT's and ERNIE's readers do.
 *
 * @param maxLength tokens, special ones included
 */
export function encodeExample(
  { texts, label }: Example,
  wordPiece: WordPiece,
  maxLength: number,
): EncodedExample {
  const { cls, sep } = wordPiece.vocabulary
  const pieces = texts.map((text) => wordPiece.encode(text).ids)
  const lengths = fittedLengths(
    pieces.map(({ length }) => length),
    maxLength - 1 - texts.length,
  )
  const ids = new Int32Array(lengths.reduce((sum, length) => sum + length + 1, 1))
  ids[0] = cls
  let end = 1
  for (const [index, length] of lengths.entries()) {
    ids.set(pieces[index].subarray(0, length), end)
    end += length + 1
    ids[end - 1] = sep
  }
  return { ids, firstLength: lengths[0] + 2, label }
}

/** Lengths whose sum fits: the longest is cut until it is no longer than another, then all alike. */
function fittedLengths(lengths: number[], capacity: number): number[] {
  const [first, second] = lengths
  if (second === undefined) return [Math.min(first, capacity)]
  if (first + second <= capacity) return lengths
  const half = capacity >>> 1
  // Of two that are cut alike, an odd token goes to the first.
  const kept = Math.min(second, Math.max(half, capacity - first))
  return [Math.min(first, capacity - kept), kept]
}
