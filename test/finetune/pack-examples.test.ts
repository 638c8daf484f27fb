import test from 'ava'
import fc from 'fast-check'
import { encodeExample } from '../../lib/finetune/encode-example.ts'
import { packExamples } from '../../lib/finetune/pack-examples.ts'
import { createWordPiece } from '../../lib/tokenizer/wordpiece.ts'
import { smallVocabulary } from '../helpers/corpus.ts'

const vocabulary = smallVocabulary()
const wordPiece = createWordPiece(vocabulary, { lowerCase: true })
/** A text of so many pieces: every digit is one. */
const textOf = (pieces: number, digit: number) => new Array<number>(pieces).fill(digit).join(' ')
const namesOf = (ids: Int32Array) => [...ids].map((id) => vocabulary.tokens[id])
const times = <T>(count: number, value: T) => new Array<T>(count).fill(value)

/** As BERT's readers cut a pair: one piece at a time off the end of the longer text. */
function cutOneByOne(first: number, second: number, capacity: number): [number, number] {
  const kept: [number, number] = [first, second]
  while (kept[0] + kept[1] > capacity) kept[kept[0] > kept[1] ? 0 : 1]--
  return kept
}

test('one text and a pair between special tokens', (t) => {
  const single = encodeExample({ texts: ['1 2'], label: 1 }, wordPiece, 64)
  t.deepEqual(namesOf(single.ids), ['[CLS]', '1', '2', '[SEP]'])
  t.is(single.firstLength, 4)
  t.is(single.label, 1)
  const pair = encodeExample({ texts: ['1 2', '3'], label: 0 }, wordPiece, 64)
  t.deepEqual(namesOf(pair.ids), ['[CLS]', '1', '2', '[SEP]', '3', '[SEP]'])
  t.is(pair.firstLength, 4)
})

test('what is too long is cut as BERT cuts it', (t) => {
  const pieces = fc.integer({ min: 1, max: 40 })
  fc.assert(
    fc.property(pieces, pieces, fc.integer({ min: 8, max: 50 }), (first, second, maxLength) => {
      const { ids, firstLength } = encodeExample(
        { texts: [textOf(first, 1), textOf(second, 2)], label: 0 },
        wordPiece,
        maxLength,
      )
      const [keptFirst, keptSecond] = cutOneByOne(first, second, maxLength - 3)
      t.deepEqual(namesOf(ids), [
        '[CLS]',
        ...times(keptFirst, '1'),
        '[SEP]',
        ...times(keptSecond, '2'),
        '[SEP]',
      ])
      t.is(firstLength, keptFirst + 2)
    }),
    { numRuns: 200 },
  )
  t.is(encodeExample({ texts: [textOf(90, 1)], label: 0 }, wordPiece, 16).ids.length, 16)
})

test('packing keeps every example, its place and its label, whatever the micro-batches', (t) => {
  const example = fc.record({
    first: fc.integer({ min: 1, max: 20 }),
    second: fc.integer({ min: 0, max: 9 }),
  })
  fc.assert(
    fc.property(
      fc.array(example, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 64, max: 200 }),
      (given, capacity) => {
        const examples = given.map(({ first, second }, label) => {
          const texts = second === 0 ? [textOf(first, 1)] : [textOf(first, 1), textOf(second, 2)]
          return encodeExample({ texts, label }, wordPiece, 64)
        })
        const batches = packExamples(examples, 'task', capacity)
        t.is(
          batches.reduce((sum, { sequences }) => sum + sequences, 0),
          examples.length,
        )
        for (const { tokens, ids, offsets, firstSlot, sequences, targets, ...rest } of batches) {
          t.true(tokens <= capacity)
          t.is(ids.length % 64, 0)
          const [{ index, labels, rows, valid }] = targets
          t.is(valid, sequences)
          t.deepEqual([...index.subarray(valid)], times(index.length - valid, -1))
          for (let i = 0; i < sequences; i++) {
            const slot = firstSlot + i
            const { ids: wanted, firstLength } = examples[slot]
            const [start, end] = offsets.subarray(i, i + 2)
            const places = [...wanted.keys()]
            const part = (values: Int32Array) => [...values.subarray(start, end)]
            t.deepEqual(part(ids), [...wanted])
            t.deepEqual(part(rest.positions), places)
            t.deepEqual(
              part(rest.segments),
              places.map((at) => (at < firstLength ? 0 : 1)),
            )
            t.deepEqual(
              part(rest.rows),
              places.map((at) => slot * 512 + at),
            )
            t.deepEqual([index[i], labels[i], rows[i]], [start, slot, slot])
          }
          t.deepEqual([...ids.subarray(tokens)], times(ids.length - tokens, -1))
        }
      },
    ),
    { numRuns: 100 },
  )
})
