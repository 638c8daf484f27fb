import test from 'ava'
import fc from 'fast-check'
import { type Column, layOutColumns } from '../../../lib/report/inspect/text/columns.ts'
import { columnsOf } from '../../../lib/report/text-width.ts'

const cell = (text: string, goesOn = false) => ({ text, paint: (each: string) => each, goesOn })
const column = (blankBefore: boolean, ...texts: string[]): Column => ({
  cells: texts.map((text) => cell(text)),
  blankBefore,
})

test('labels stand over their words, and rows without any are left out', (t) => {
  const columns = [
    column(false, '', 'the', ''),
    column(true, 'animal', 'cat', ''),
    column(true, '', 'sat', ''),
    column(false, '', '.', ''),
  ]
  t.deepEqual(layOutColumns(columns, 40, 1), ['    animal', 'the cat    sat.'])
})

test('a wide character takes two columns', (t) => {
  const columns = [
    column(false, '1', '中', ''),
    column(false, '0', '国', ''),
    column(false, '', '大', '[MASK]'),
    column(false, '1', '学', ''),
  ]
  t.deepEqual(layOutColumns(columns, 40, 1), ['1 0       1', '中国大    学', '    [MASK]'])
})

test('what would run together is kept apart', (t) => {
  const columns = [
    column(false, '', 'a', '[MASK]'),
    column(false, '', 'b', '[MASK]'),
    column(false, '', 'c', ''),
  ]
  t.deepEqual(layOutColumns(columns, 40, 1), ['a      b     c', '[MASK] [MASK]'])
})

test('a line is drawn through cells that go on, over a gap and a line break', (t) => {
  const unit = (blankBefore: boolean, word: string, seen: string, mark: string, goesOn: boolean): Column => ({
    cells: [cell(word), cell(seen), cell(mark, goesOn)],
    blankBefore,
  })
  const columns = [
    unit(false, 'old', '[MASK]', 'phrase', false),
    unit(true, 'cats', '[MASK]', '─', true),
    unit(true, 'do', '=do', '─', true),
    unit(true, 'run', '', '', false),
  ]
  t.deepEqual(layOutColumns(columns, 40, 0), [
    'old    cats   do  run',
    '[MASK] [MASK] =do',
    'phrase───────────',
  ])
  t.deepEqual(layOutColumns(columns, 13, 0), [
    'old    cats',
    '[MASK] [MASK]',
    'phrase───────',
    'do  run',
    '=do',
    '───',
  ])
})

test('every text of every column begins at its column, and no line is wider than asked', (t) => {
  const word = fc.stringMatching(/^[a-z中文]{1,6}$/)
  const arbitrary = fc.array(fc.tuple(fc.boolean(), fc.constantFrom('', 'X', 'LONGER'), word), {
    minLength: 1,
    maxLength: 30,
  })
  fc.assert(
    fc.property(arbitrary, fc.integer({ min: 12, max: 60 }), (words, width) => {
      const lines = layOutColumns(
        words.map(([blank, label, text]) => column(blank, label, text)),
        width,
        1,
      )
      for (const line of lines) t.true(columnsOf(line) <= width, line)
      // The rows of words are those in lower case; they hold all words in their order.
      const isLabels = (line: string) => /^[ A-Z]*$/.test(line)
      const texts = lines.filter((line) => !isLabels(line))
      t.is(texts.join('').replaceAll(' ', ''), words.map(([, , text]) => text).join(''))
      // Each label begins over the first letter of its word.
      const labelled = words.filter(([, label]) => label !== '')
      let seen = 0
      lines.forEach((line, index) => {
        if (!isLabels(line)) return
        for (const match of line.matchAll(/[A-Z]+/g)) {
          const [, label, text] = labelled[seen++]
          t.is(match[0], label)
          t.is(fromColumn(lines[index + 1], match.index).slice(0, text.length), text)
        }
      })
      t.is(seen, labelled.length)
    }),
  )
})

/** The text of a line from a terminal column on. */
function fromColumn(line: string, wanted: number): string {
  const characters = [...line]
  let columns = 0
  while (columns < wanted) columns += columnsOf(characters.shift() as string)
  return characters.join('')
}
