import { createRandom, philox } from './random.ts'

const roundCount = 8

/**
 * A keyed permutation of 0 … n - 1 that needs no table: a Feistel network over pairs (left, right) with
 * left < ⌈√n⌉, walked on while it leaves the range (Black & Rogaway 2002, "Ciphers with arbitrary finite domains").
 *
 * @param n 1 to 2^32
 * @param coordinates as for createRandom: other coordinates give another order
 */
export function createPermutation(
  n: number,
  seed: number,
  ...coordinates: (number | string)[]
): (index: number) => number {
  if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
    throw new RangeError(`a permutation needs a length of 1 to 2^32, not ${n}`)
  }
  const width = Math.ceil(Math.sqrt(n))
  const height = Math.ceil(n / width)
  const random = createRandom(seed, ...coordinates)
  const key0 = random.uint32()
  const key1 = random.uint32()
  const block = new Uint32Array(4)

  return (index) => {
    if (!(index >= 0 && index < n)) throw new RangeError(`index ${index} is outside 0 … ${n - 1}`)
    let value = index
    do {
      let left = value % width
      let right = (value - left) / width
      for (let round = 0; round < roundCount; round += 2) {
        philox(block, right, round, 0, 0, key0, key1)
        left = (left + block[0]) % width
        philox(block, left, round + 1, 0, 0, key0, key1)
        right = (right + block[0]) % height
      }
      value = right * width + left
    } while (value >= n)
    return value
  }
}
