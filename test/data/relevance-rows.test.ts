import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { readRelevanceRows } from '../../lib/data/relevance-rows.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

test('rows are read by the names of their columns, labels by name or number', async (t) => {
  const file = path.join(temporaryFolder(t), 'rows.tsv.gz')
  writeFileSync(file, gzipSync('id\tgrade\tq\ttext\n1\t0\t"a" b\tc d\r\n2\tshown\te\t f \n3\t2\tg\th\n'))
  t.deepEqual(await readRelevanceRows(file, { first: 'q', second: 'text', label: 'grade' }), [
    { query: '"a" b', title: 'c d', label: 'clicked' },
    { query: 'e', title: 'f', label: 'shown' },
    { query: 'g', title: 'h', label: 'random' },
  ])
  t.deepEqual(
    (await readRelevanceRows(file, { first: 'q', second: 'text', label: null })).map(({ label }) => label),
    ['clicked', 'clicked', 'clicked'],
  )
})

test('JSON rows are read too, their blanks as single ones', async (t) => {
  const file = path.join(temporaryFolder(t), 'rows.jsonl')
  writeFileSync(file, '{"q": "a\\tb", "t": "c\\nd"}\n')
  t.deepEqual(await readRelevanceRows(file, { first: 'q', second: 't', label: null }), [
    { query: 'a b', title: 'c d', label: 'clicked' },
  ])
})

for (const [what, text, columns, code, message] of [
  [
    'a column that is not there',
    'q\tt\na\tb\n',
    { first: 'q', second: 'title', label: null },
    'COLUMN_MISSING',
    /no column "title".*"q", "t"/,
  ],
  [
    'a row that is too short',
    'q\tt\na\tb\nc\n',
    { first: 'q', second: 't', label: null },
    'ROW_INVALID',
    /line 3 has 1 columns where the first line has 2/,
  ],
  [
    'an empty title',
    'q\tt\na\t \n',
    { first: 'q', second: 't', label: null },
    'ROW_INVALID',
    /line 2 has no text/,
  ],
  [
    'a label of another kind',
    'q\tt\tl\na\tb\t5\n',
    { first: 'q', second: 't', label: 'l' },
    'ROW_INVALID',
    /line 2.*"5"/,
  ],
  ['no rows', 'q\tt\n', { first: 'q', second: 't', label: null }, 'ROW_INVALID', /no rows/],
] as const) {
  test(`it says what is wrong: ${what}`, async (t) => {
    const file = path.join(temporaryFolder(t), 'rows.tsv')
    writeFileSync(file, text)
    await t.throwsAsync(readRelevanceRows(file, columns), { code, message })
  })
}
