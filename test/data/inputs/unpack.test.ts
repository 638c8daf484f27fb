import { deflateRawSync, gzipSync } from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import { unpack } from '../../../lib/data/inputs/unpack.ts'

/** What comes out of blocks of `length` bytes, and how much had come out when each block was taken. */
async function unpacked(packed: Buffer, length: number, size = 100) {
  const taken: number[] = []
  const out: Buffer[] = []
  let total = 0
  async function* blocks() {
    for (let start = 0; start < packed.length; start += length) {
      taken.push(total)
      yield packed.subarray(start, start + length)
    }
  }
  for await (const bytes of unpack(blocks(), size)) {
    out.push(Buffer.from(bytes))
    total += bytes.length
    // Whoever reads may take his time.
    if (out.length % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { bytes: Buffer.concat(out), taken }
}

/** A deflate stream of stored blocks, which say themselves how many bytes they hold. */
function stored(parts: Buffer[]): Buffer {
  const header = gzipSync('').subarray(0, 10)
  const whole = Buffer.concat(parts)
  const trailer = gzipSync(whole).subarray(-8)
  const blocks = parts.map((part, index) => {
    const head = Buffer.from([index === parts.length - 1 ? 1 : 0, 0, 0, 0, 0])
    head.writeUInt16LE(part.length, 1)
    head.writeUInt16LE(part.length ^ 0xffff, 3)
    return Buffer.concat([head, part])
  })
  return Buffer.concat([header, ...blocks, trailer])
}

test('gzip in blocks of any length is unpacked, members one after another', async (t) => {
  const part = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes))
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 300 }),
      async (parts, length) => {
        const packed = Buffer.concat(parts.map((each) => gzipSync(each)))
        t.deepEqual((await unpacked(packed, length, 64)).bytes, Buffer.concat(parts))
      },
    ),
    { numRuns: 100 },
  )
})

test('a block is taken when all that the blocks before it give is out', async (t) => {
  const parts = [3000, 1, 700, 5000, 40].map((length, index) => Buffer.alloc(length, 65 + index))
  const packed = stored(parts)
  // Ten bytes of header, five before each part: what the first n bytes hold can be counted.
  const held = (count: number) => {
    let left = Math.max(0, count - 10)
    let sum = 0
    for (const { length } of parts) {
      sum += Math.min(length, Math.max(0, left - 5))
      left = Math.max(0, left - 5 - length)
    }
    return sum
  }
  for (const length of [1, 7, 1000, 4096]) {
    const { bytes, taken } = await unpacked(packed, length)
    t.deepEqual(bytes, Buffer.concat(parts))
    t.deepEqual(
      taken,
      taken.map((_, index) => held(index * length)),
    )
  }
})

test('what is no gzip, damaged or cut short is told', async (t) => {
  const packed = gzipSync(Buffer.alloc(100_000, 'some text '))
  const damaged = Buffer.from(packed)
  damaged[damaged.length - 6] ^= 1
  for (const [bytes, code] of [
    [Buffer.from('no gzip at all'), 'Z_DATA_ERROR'],
    [damaged, 'Z_DATA_ERROR'],
    [packed.subarray(0, -4), 'Z_BUF_ERROR'],
    [packed.subarray(0, 20), 'Z_BUF_ERROR'],
    [deflateRawSync('text'), 'Z_DATA_ERROR'],
  ] as const) {
    for (const length of [10, 1000]) await t.throwsAsync(unpacked(bytes, length), { code })
  }
})

test('what follows the data and is no gzip is passed over', async (t) => {
  const packed = Buffer.concat([gzipSync('text'), Buffer.alloc(50)])
  for (const length of [8, 30, 1000]) t.is((await unpacked(packed, length)).bytes.toString(), 'text')
})

test('whoever stops early leaves nothing running', async (t) => {
  let closed = false
  async function* blocks() {
    try {
      while (true) yield gzipSync(Buffer.alloc(5000))
    } finally {
      closed = true
    }
  }
  for await (const bytes of unpack(blocks(), 100)) {
    t.is(bytes.length > 0, true)
    break
  }
  t.true(closed)
})
