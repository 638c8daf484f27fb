import test from 'ava'
import fc from 'fast-check'
import { createRandom, hashName, philox } from '../../lib/data/random.ts'

/** Philox 4x32-10 as published, over BigInt. */
function slowPhilox(counter: number[], key: number[]): number[] {
  const mask = 0xffffffffn
  let [c0, c1, c2, c3] = counter.map((word) => BigInt(word >>> 0))
  let [k0, k1] = key.map((word) => BigInt(word >>> 0))
  for (let round = 0; round < 10; round++) {
    const a = c0 * 0xd2511f53n
    const b = c2 * 0xcd9e8d57n
    ;[c0, c1, c2, c3] = [(b >> 32n) ^ c1 ^ k0, b & mask, (a >> 32n) ^ c3 ^ k1, a & mask]
    k0 = (k0 + 0x9e3779b9n) & mask
    k1 = (k1 + 0xbb67ae85n) & mask
  }
  return [c0, c1, c2, c3].map(Number)
}

function block(counter: number[], key: number[]): number[] {
  const out = new Uint32Array(4)
  philox(out, counter[0], counter[1], counter[2], counter[3], key[0], key[1])
  return [...out]
}

// kat_vectors of Random123 1.14.
const knownAnswers = [
  ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
]

for (const [counter, key, expected] of knownAnswers) {
  test(`Philox of counter ${counter} is the published block`, (t) => {
    const words = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16))
    t.deepEqual(block(words(counter), words(key)), words(expected))
  })
}

test('Philox agrees with exact integer arithmetic', (t) => {
  const word = fc.nat({ max: 0xffffffff })
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
      t.deepEqual(block(counter, key), slowPhilox(counter, key))
    }),
  )
})

test('the stream is Philox with the seed as key and (block, coordinates) as counter', (t) => {
  const random = createRandom(2 ** 40 + 7, 5, 'name', 9)
  const values = Array.from({ length: 8 }, () => random.uint32())
  const key = [7, 2 ** 8]
  t.deepEqual(
    values,
    [0, 1].flatMap((number) => slowPhilox([number, 5, hashName('name'), 9], key)),
  )
})

test('every coordinate and its place count, however many there are', (t) => {
  const first = (...coordinates: (number | string)[]) => createRandom(1, ...coordinates).uint32()
  const values = [first(1, 2, 3, 4, 5), first(2, 2, 3, 4, 5), first(1, 2, 3, 4, 6), first(1, 2, 3, 5, 4)]
  const fewer = [first(1, 2, 3), first(1, 2), first(2, 1), first('a', 2), first('b', 2)]
  t.is(new Set([...values, ...fewer]).size, values.length + fewer.length)
})

test('below(n) stays in range and is even', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: 1, max: 2 ** 32 }), fc.maxSafeNat()), fc.nat(), (length, seed) => {
      const n = Math.max(length, 1)
      const value = createRandom(seed).below(n)
      return Number.isInteger(value) && value >= 0 && value < n
    }),
  )
  const random = createRandom(3)
  const counts = new Array<number>(7).fill(0)
  for (let i = 0; i < 70_000; i++) counts[random.below(7)]++
  const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
  t.true(chiSquare < 27.9, `chi square ${chiSquare} with 6 degrees of freedom, 99.99 % are below 27.9`)
})

test('uniform() is on [0, 1) with mean one half', (t) => {
  const random = createRandom(4)
  let sum = 0
  for (let i = 0; i < 100_000; i++) {
    const value = random.uniform()
    if (!(value >= 0 && value < 1)) t.fail(`${value}`)
    sum += value
  }
  t.true(Math.abs(sum / 100_000 - 0.5) < 5 * Math.sqrt(1 / 12 / 100_000))
})

test('shuffle gives every order equally often', (t) => {
  const random = createRandom(5)
  const counts = new Map<string, number>()
  for (let i = 0; i < 24_000; i++) {
    const order = random.shuffle([0, 1, 2, 3]).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  t.is(counts.size, 24)
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  t.true(chiSquare < 59, `chi square ${chiSquare} with 23 degrees of freedom, 99.99 % are below 59`)
})
