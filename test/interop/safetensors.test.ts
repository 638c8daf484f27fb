import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { EverlearnError } from '../../lib/error.ts'
import { readSafetensors } from '../../lib/interop/read-safetensors.ts'
import { floatValues, integerValues, parseSafetensors } from '../../lib/interop/safetensors.ts'
import { writeSafetensors } from '../../lib/interop/write-safetensors.ts'
import { scratch } from '../helpers/directory.ts'
import { goldensDirectory } from '../helpers/goldens.ts'

const newDirectory = scratch(test)

/** A file of a header and data, both as given. */
function file(header: unknown, dataLength: number, claimed?: number): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = Buffer.alloc(8 + text.length + dataLength)
  bytes.writeBigUInt64LE(BigInt(claimed ?? text.length))
  bytes.set(text, 8)
  return bytes
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

test('what is written is read back, in every dtype', (t) => {
  const path = join(newDirectory(), 'x.safetensors')
  const floats = Float32Array.of(1, -2, Number.POSITIVE_INFINITY, 0)
  writeSafetensors(
    path,
    {
      zero: { shape: [0, 3], data: new Float32Array(0) },
      scalar: { shape: [], data: Float32Array.of(7) },
      floats: { shape: [2, 2], data: floats },
      ints: { shape: [3], data: Int32Array.of(-1, 0, 5) },
      bytes: { shape: [3], data: Uint8Array.of(1, 2, 255) },
      half: { shape: [2], data: Uint16Array.of(0x3c00, 0xc000), dtype: 'F16' },
      brain: { shape: [2], data: Uint16Array.of(0x3f80, 0xc000), dtype: 'BF16' },
    },
    { origin: 'test' },
  )
  const { tensors, metadata } = readSafetensors(path)
  t.deepEqual(metadata, { format: 'pt', origin: 'test' })
  const floatsOf = (name: string) => floatValues(tensors.get(name)!, name, path)
  t.deepEqual(floatsOf('floats'), floats)
  t.deepEqual(floatsOf('scalar'), Float32Array.of(7))
  t.deepEqual(floatsOf('zero'), new Float32Array(0))
  t.deepEqual(floatsOf('half'), Float32Array.of(1, -2))
  t.deepEqual(floatsOf('brain'), Float32Array.of(1, -2))
  t.deepEqual(integerValues(tensors.get('ints')!, 'ints', path), Int32Array.of(-1, 0, 5))
  t.deepEqual(integerValues(tensors.get('bytes')!, 'bytes', path), Int32Array.of(1, 2, 255))
  t.deepEqual(tensors.get('floats')!.shape, [2, 2])
  t.throws(() => floatsOf('ints'), { code: 'SAFETENSORS', message: /ints is I32/ })
  t.throws(() => integerValues(tensors.get('half')!, 'half', path), { code: 'SAFETENSORS' })
  t.is(Number(readFileSync(path).readBigUInt64LE()) % 8, 0, 'data begin at a multiple of 8')
})

test('files of the safetensors library are read, and written to the same tensors', (t) => {
  const source = `${goldensDirectory}ernie-relu/case.safetensors`
  const { tensors } = readSafetensors(source)
  t.deepEqual(tensors.get('labels')!.shape, [5, 40])
  t.is(
    integerValues(tensors.get('attention_mask')!, 'attention_mask', source).reduce((a, b) => a + b),
    141,
  )
  const path = join(newDirectory(), 'copy.safetensors')
  const floats = [...tensors].filter(([, { dtype }]) => dtype === 'F32')
  writeSafetensors(
    path,
    new Map(
      floats.map(([name, tensor]) => [
        name,
        { shape: tensor.shape, data: floatValues(tensor, name, source) },
      ]),
    ),
  )
  const copy = readSafetensors(path).tensors
  t.deepEqual([...copy.keys()].sort(), floats.map(([name]) => name).sort())
  for (const [name, { bytes }] of floats) t.deepEqual(Buffer.from(copy.get(name)!.bytes), Buffer.from(bytes))
})

for (const [problem, bytes, message] of [
  ['an empty file', new Uint8Array(0), /0 bytes/],
  ['less than a length', new Uint8Array(5), /5 bytes/],
  ['a header longer than the file', file({}, 0, 1000), /1000 bytes/],
  ['an absurd header length', file({}, 0, 2 ** 53), /limit is 100000000/],
  ['a header that is not JSON', file('{"a":', 0), /not JSON/],
  ['a header that is not UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe), /not JSON/],
  ['a header that is a list', file([], 0), /not an object/],
  ['metadata that is not text', file({ __metadata__: { a: 1 } }, 0), /__metadata__/],
  ['an entry that is null', file({ a: null }, 0), /a has dtype/],
  ['an unknown dtype', file({ a: entry(0, 4, [1], 'F128') }, 4), /a has dtype "F128"/],
  [
    'a dtype that is a name of Object',
    file({ a: entry(0, 4, [1], 'constructor') }, 4),
    /dtype "constructor"/,
  ],
  ['a negative extent', file({ a: entry(0, 4, [-1]) }, 4), /shape \[-1\]/],
  ['an extent that is no integer', file({ a: entry(0, 4, [0.5]) }, 4), /shape/],
  ['offsets beyond the data', file({ a: entry(0, 8) }, 4), /bytes 0 to 8 of 4/],
  ['offsets in reverse', file({ a: entry(4, 0, []) }, 4), /bytes 4 to 0/],
  ['offsets that are missing', file({ a: { dtype: 'F32', shape: [1] } }, 4), /data_offsets/],
  ['a shape of another size', file({ a: entry(0, 8, [3]) }, 8), /takes 12 bytes, 8/],
  ['a shape too large to count', file({ a: entry(0, 8, [2 ** 52, 2 ** 52]) }, 8), /takes/],
  [
    'tensors that overlap',
    file({ a: entry(0, 8), b: entry(4, 12) }, 12),
    /b begins at byte 4.*inside another/,
  ],
  ['a gap', file({ a: entry(0, 4), b: entry(8, 12) }, 12), /b begins at byte 8.*gap/],
  ['data that belong to nobody', file({ a: entry(0, 4) }, 8), /end at byte 4 of 8/],
  ['data cut off', file({ a: entry(0, 4), b: entry(4, 8) }, 7), /b lies at bytes 4 to 8 of 7/],
] as const)
  test(`${problem} is refused with the file’s name`, (t) => {
    const error = t.throws(() => parseSafetensors(bytes, 'some/where.safetensors'), { code: 'SAFETENSORS' })
    t.regex(error.message, message)
    t.regex(error.message, /some\/where\.safetensors/)
  })

test('a name that is special to JavaScript is a name like others', (t) => {
  const bytes = file(`{"__proto__":${JSON.stringify(entry(0, 4))}}`, 4)
  t.deepEqual([...parseSafetensors(bytes, 'x').tensors.keys()], ['__proto__'])
})

test('any truncation and any changed byte is read or refused, never anything else', (t) => {
  const whole = file({ a: entry(0, 8, [2]), b: entry(8, 12, [2, 2], 'U8') }, 12)
  for (let length = 0; length < whole.length; length++)
    t.throws(() => parseSafetensors(whole.subarray(0, length), 'x'), { instanceOf: EverlearnError })
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (index, value) => {
      const changed = Uint8Array.from(whole)
      changed[index] = value
      try {
        for (const { bytes } of parseSafetensors(changed, 'x').tensors.values())
          if (bytes.length > 12) return false
        return true
      } catch (error) {
        return error instanceof EverlearnError
      }
    }),
    { numRuns: 3000, seed: 1 },
  )
})

test('a file that is missing or empty', (t) => {
  const directory = newDirectory()
  t.throws(() => readSafetensors(join(directory, 'none')), { code: 'FILE_MISSING', message: /none/ })
  writeFileSync(join(directory, 'empty'), '')
  t.throws(() => readSafetensors(join(directory, 'empty')), { code: 'SAFETENSORS', message: /empty/ })
})

test('a write that fails leaves nothing behind', (t) => {
  const directory = newDirectory()
  const path = join(directory, 'x.safetensors')
  t.throws(() => writeSafetensors(path, { a: { shape: [3], data: new Float32Array(2) } }))
  t.throws(() => writeSafetensors(path, { a: { shape: [2], data: new Uint16Array(2) } }))
  t.false(existsSync(path))
  t.deepEqual(readdirSync(directory), [])
})
