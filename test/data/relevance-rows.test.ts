import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { readRelevanceRows } from '../../lib/data/relevance-rows.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

test('rows are read by the names of their columns, labels by name or number', async (t) => {
  const file = path.join(temporaryFolder(t), 'rows.tsv.gz')
  writeFileSync(file, gzipSync('id\tgrade\tq\ttext\n1\t0\t"a" b\tc d\r\n2\tshown\te\t f \n3\t2\tg\th\n'))
  t.deepEqual(await readRelevanceRows(file, 'label=grade,first=q,second=text'), [
    { query: '"a" b', title: 'c d', label: 'clicked' },
    { query: 'e', title: 'f', label: 'shown' },
    { query: 'g', title: 'h', label: 'random' },
  ])
  t.deepEqual(
    (await readRelevanceRows(file, 'first=q,second=text')).map(({ label }) => label),
    ['clicked', 'clicked', 'clicked'],
  )
})

for (const [what, text, columns, code, message] of [
  [
    'a column that is not there',
    'q\tt\na\tb\n',
    'first=q,second=title',
    'COLUMN_MISSING',
    /no column title.*q, t/,
  ],
  [
    'a row that is too short',
    'q\tt\na\tb\nc\n',
    'first=q,second=t',
    'ROW_INVALID',
    /line 3 has 1 columns, not 2/,
  ],
  ['an empty title', 'q\tt\na\t \n', 'first=q,second=t', 'ROW_INVALID', /line 2 has an empty text/],
  [
    'a label of another kind',
    'q\tt\tl\na\tb\t5\n',
    'first=q,second=t,label=l',
    'LABEL_UNKNOWN',
    /line 2.*"5"/,
  ],
  ['no rows', 'q\tt\n', 'first=q,second=t', 'ROW_INVALID', /no rows/],
  ['columns without a query', 'q\tt\na\tb\n', 'second=t', 'USAGE', /first=QUERY/],
  ['columns with another name', 'q\tt\na\tb\n', 'first=q,second=t,third=t', 'USAGE', /first=QUERY/],
] as const) {
  test(`it says what is wrong: ${what}`, async (t) => {
    const file = path.join(temporaryFolder(t), 'rows.tsv')
    writeFileSync(file, text)
    await t.throwsAsync(readRelevanceRows(file, columns), { code, message })
  })
}
