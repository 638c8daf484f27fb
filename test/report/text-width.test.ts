import test from 'ava'
import fc from 'fast-check'
import { columnsOf, padColumns, printable } from '../../lib/report/text-width.ts'

const widths: [string, number][] = [
  ['', 0],
  ['abc', 3],
  ['中文', 4],
  ['，。', 4],
  ['ｆｕｌｌ', 8],
  ['한국', 4],
  ['かな', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['𠀀', 2],
  ['😀', 2],
  ['“”…—', 4],
  ['\u200d', 0],
]

for (const [text, width] of widths) {
  test(`${JSON.stringify(text)} takes ${width} columns`, (t) => {
    t.is(columnsOf(text), width)
  })
}

test('the width of a text is the sum of the widths of its parts, and padding fills it up', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      t.is(columnsOf(a + b), columnsOf(a) + columnsOf(b))
      t.is(columnsOf(padColumns(a, 80)), Math.max(80, columnsOf(a)))
    }),
  )
})

test('control characters and marks of direction cannot reach a terminal', (t) => {
  t.is(printable('a\x1b[31mb\r\n\u202ec\u0085'), 'a\ufffd[31mb\ufffd\ufffd\ufffdc\ufffd')
  t.is(printable('中文 é 😀'), '中文 é 😀')
})
