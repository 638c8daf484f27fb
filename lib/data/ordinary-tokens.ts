import type { Vocabulary } from '../tokenizer/vocabulary.ts'

const cache = new WeakMap<Vocabulary, Int32Array>()

/** Ids that stand for text: all but `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`, `[MASK]` and the `[unused…]` places. */
export function ordinaryTokens(vocabulary: Vocabulary): Int32Array {
  const known = cache.get(vocabulary)
  if (known) return known
  const { pad, unknown, cls, sep, mask } = vocabulary
  const reserved = new Set([pad, unknown, cls, sep, mask])
  const ids = Int32Array.from(vocabulary.tokens.keys()).filter(
    (id) => !reserved.has(id) && !/^\[unused\d+\]$/.test(vocabulary.tokens[id]),
  )
  cache.set(vocabulary, ids)
  return ids
}
