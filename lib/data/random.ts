/** A stream of random numbers that depends on its coordinates only. */
export interface Random {
  /** Uniform on 0 … 2^32 - 1. */
  uint32(): number
  /** Uniform on [0, 1), a multiple of 2^-32. */
  uniform(): number
  /** Uniform integer on 0 … n - 1, without bias; 1 ≤ n ≤ 2^53. */
  below(n: number): number
  /** Shuffles in place, every order equally likely. */
  shuffle<T extends { [index: number]: unknown; length: number }>(values: T): T
}

/**
 * Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), as in native/ops.h: writes the
 * four words for a counter and a key, all of 32 bits, to `out`.
 */
export function philox(
  out: Uint32Array,
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
): void {
  let c0 = counter0 | 0
  let c1 = counter1 | 0
  let c2 = counter2 | 0
  let c3 = counter3 | 0
  let k0 = key0 | 0
  let k1 = key1 | 0
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(c0, 0x1f53, 0xd251)
    const low0 = Math.imul(c0, 0xd2511f53)
    const high1 = multiplyHigh(c2, 0x8d57, 0xcd9e)
    const low1 = Math.imul(c2, 0xcd9e8d57)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + 0x9e3779b9) | 0
    k1 = (k1 + 0xbb67ae85) | 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** Upper 32 bits of an unsigned 32 × 32 bit product, the second factor in halves: no partial sum exceeds 32 bits. */
function multiplyHigh(a: number, low: number, high: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const middle = (Math.imul(aHigh, low) + (Math.imul(aLow, low) >>> 16)) | 0
  const carry = (Math.imul(aLow, high) + (middle & 0xffff)) | 0
  return (Math.imul(aHigh, high) + (middle >>> 16) + (carry >>> 16)) | 0
}

/**
 * The stream at `coordinates` under a seed (an integer from 0 to 2^53 - 1). Coordinates are integers, of which the low
 * 32 bits count, or names. The last three at most stand in the counter beside the block number; those before them are
 * folded into the key.
 */
export function createRandom(seed: number, ...coordinates: (number | string)[]): Random {
  const block = new Uint32Array(4)
  let key0 = seed >>> 0
  let key1 = Math.floor(seed / 2 ** 32) >>> 0
  const words = coordinates.map((coordinate) =>
    typeof coordinate === 'string' ? hashName(coordinate) : coordinate | 0,
  )
  let first = 0
  for (; words.length - first > 3; first += 3) {
    philox(block, words[first], words[first + 1], words[first + 2], -1, key0, key1)
    key0 = block[0]
    key1 = block[1]
  }
  const c1 = words[first] ?? 0
  const c2 = words[first + 1] ?? 0
  const c3 = words[first + 2] ?? 0
  let count = 0
  let used = 4

  const uint32 = (): number => {
    if (used === 4) {
      philox(block, count++, c1, c2, c3, key0, key1)
      used = 0
    }
    return block[used++]
  }
  const below = (n: number): number => {
    const range = n <= 2 ** 32 ? 2 ** 32 : 2 ** 53
    const limit = range - (range % n)
    let value = limit
    while (value >= limit) value = range === 2 ** 32 ? uint32() : uint32() * 2 ** 21 + (uint32() >>> 11)
    return value % n
  }
  return {
    uint32,
    uniform: () => uint32() / 2 ** 32,
    below,
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = below(i + 1)
        const kept = values[i]
        values[i] = values[j]
        values[j] = kept
      }
      return values
    },
  }
}

/** Index of one of the weights, drawn in proportion to them; those of weight 0 never are. */
export function drawWeighted(weights: number[], random: Random): number {
  const drawn = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0)
  let end = 0
  let last = 0
  for (let index = 0; index < weights.length; index++) {
    if (weights[index] > 0) last = index
    end += weights[index]
    if (drawn < end) return index
  }
  return last
}

/** FNV-1a over UTF-16 units: the 32-bit coordinate that a name stands for. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
