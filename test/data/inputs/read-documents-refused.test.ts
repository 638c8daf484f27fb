import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { InputFormat } from '../../../lib/data/inputs/input.ts'
import type { ReadOptions } from '../../../lib/data/inputs/read-documents.ts'
import { EverlearnError } from '../../../lib/error.ts'
import { fileWriter, scratch } from '../../helpers/directory.ts'
import { readAll } from '../../helpers/read-all.ts'
import { parquetFile } from '../../helpers/write-parquet.ts'

const directory = scratch(test)
const fileOf = fileWriter(directory)

interface Refused {
  name: string
  file: string
  content: string | Buffer
  options?: ReadOptions
  code: string
  message: RegExp
}

const pairs = { first: 'a', second: 'b', label: null, labels: null }
const parquet = parquetFile([
  { name: 'text', values: ['a', 'b'] },
  { name: 'id', values: [1, 2] },
])
const refused: Refused[] = [
  {
    name: 'bad JSON',
    file: 'a.jsonl',
    content: '{"text":"a"}\n{',
    code: 'ROW_INVALID',
    message: /a\.jsonl line 2 is not/,
  },
  {
    name: 'a wrong encoding in JSON Lines',
    file: 'a.jsonl',
    content: Buffer.from('{"text":"a"}\n{"text":"\u00e9"}', 'latin1'),
    code: 'NOT_UTF8',
    message: /line 2, byte 22 begins e9/,
  },
  {
    name: 'a missing TSV column',
    file: 'a.tsv',
    content: 'b\tc\n1\t2\n',
    options: { pairs },
    code: 'COLUMN_MISSING',
    message: /no column "a"; its first line names "b", "c"/,
  },
  {
    name: 'TSV for documents',
    file: 'a.tsv',
    content: 'a',
    code: 'FORMAT_UNKNOWN',
    message: /is a table of columns/,
  },
  {
    name: 'text for pairs',
    file: 'a.txt',
    content: 'a',
    options: { pairs },
    code: 'FORMAT_UNKNOWN',
    message: /cannot hold pairs/,
  },
  {
    name: 'an unknown format',
    file: 'a.txt',
    content: 'a',
    options: { format: 'word' as InputFormat },
    code: 'FORMAT_UNKNOWN',
    message: /no format word; choose one of text, jsonl, tsv, parquet/,
  },
  {
    name: 'an unclear ending',
    file: 'a.json.gz',
    content: 'a',
    code: 'FORMAT_UNKNOWN',
    message: /ending \.json of .* give --format/,
  },
  {
    name: 'a missing Parquet column',
    file: 'a.parquet',
    content: parquet,
    options: { field: 'body' },
    code: 'COLUMN_MISSING',
    message: /no column "body"; it has text \(BYTE_ARRAY\), id \(INT64\)/,
  },
  {
    name: 'a Parquet column without text',
    file: 'a.parquet',
    content: parquet,
    options: { field: 'id' },
    code: 'COLUMN_MISSING',
    message: /no text in its column "id"/,
  },
  {
    name: 'Parquet cut short',
    file: 'a.parquet',
    content: parquet.subarray(0, -20),
    code: 'FILE_UNREADABLE',
    message: /cannot read .*a\.parquet as Parquet: /,
  },
  {
    name: 'Parquet that is altered',
    file: 'a.parquet',
    content: Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(40, 7), parquet.subarray(44)]),
    code: 'FILE_UNREADABLE',
    message: /as Parquet: /,
  },
  {
    name: 'text named Parquet',
    file: 'a.parquet',
    content: 'just a text, nothing else',
    code: 'FILE_UNREADABLE',
    message: /as Parquet: /,
  },
  {
    name: 'Parquet that is not UTF-8',
    file: 'a.parquet',
    content: Buffer.from(
      parquetFile([{ name: 'text', values: ['abcdefgh'] }])
        .toString('latin1')
        .replace('abcdefgh', 'abcdefg\xe9'),
      'latin1',
    ),
    code: 'NOT_UTF8',
    message: /has a text that is not UTF-8/,
  },
  {
    name: 'a long JSON line',
    file: 'a.jsonl',
    content: `{"text":"a"}\n{"text":"${'b'.repeat(50)}"}\n`,
    options: { longestLine: 40 },
    code: 'LINE_TOO_LONG',
    message: /line 2 is longer than 40 bytes; a line must hold one row/,
  },
  {
    name: 'a long document in JSON',
    file: 'a.jsonl',
    content: `{"text":"${'b'.repeat(50)}"}\n`,
    options: { longestDocument: 40 },
    code: 'ROW_INVALID',
    message: /line 1 has a text of 50 characters, more than 40/,
  },
]
for (const { name, file, content, options, code, message } of refused) {
  test(`refused: ${name}`, async (t) => {
    const path = fileOf(file, content)
    await t.throwsAsync(readAll(path, options), { instanceOf: EverlearnError, code, message })
  })
}

test('refused: what is no file, or there twice', async (t) => {
  const folder = directory()
  const path = join(folder, 'a.txt')
  writeFileSync(path, 'a')
  symlinkSync(path, join(folder, 'b.txt'))
  const cases: [string[], string, RegExp][] = [
    [[], 'INPUT_MISSING', /no input was given/],
    [[folder], 'INPUT_MISSING', /is a directory; name its files, for example '.*\/\*\.txt'/],
    [[join(folder, 'c.txt')], 'INPUT_MISSING', /c\.txt does not exist/],
    [[join(folder, '*.md')], 'INPUT_MISSING', /no file matches .*\*\.md/],
    [[path, path], 'INPUT_TWICE', /a\.txt is given twice/],
    [[path, join(folder, 'b.txt')], 'INPUT_TWICE', /b\.txt, which is .*a\.txt, is given twice/],
    [['-', '-'], 'INPUT_TWICE', /- is given twice/],
  ]
  for (const [names, code, message] of cases) await t.throwsAsync(readAll(names), { code, message })
})
