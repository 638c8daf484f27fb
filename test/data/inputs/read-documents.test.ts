import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import { chunksOf, documentsOf, type InputPart } from '../../../lib/data/inputs/chunks.ts'
import { findInputs } from '../../../lib/data/inputs/find-inputs.ts'
import { defaultReading, type InputFormat } from '../../../lib/data/inputs/input.ts'
import { type ReadOptions, readDocuments } from '../../../lib/data/inputs/read-documents.ts'
import { EverlearnError } from '../../../lib/error.ts'
import { scratch } from '../../helpers/directory.ts'
import { parquetFile } from '../../helpers/write-parquet.ts'

const directory = scratch(test)

function fileOf(name: string, content: string | Buffer): string {
  const path = join(directory(), name)
  writeFileSync(path, content)
  return path
}

async function read(names: string | string[], options?: ReadOptions) {
  const found: { paragraphs: string[]; line: number; label?: string }[] = []
  for await (const { paragraphs, line, label } of readDocuments([names].flat(), options)) {
    found.push(label === undefined ? { paragraphs, line } : { paragraphs, line, label })
  }
  return found
}

const texts = ['one\n\n two\r\nthree ', '', '四。五', ' \n\t']
const paragraphs = [['one', ' two', 'three '], ['四。五']]
const jsonl = `${texts.map((text, id) => JSON.stringify({ id, text })).join('\n')}\n\n`

test('plain text: lines are paragraphs, blank lines end documents', async (t) => {
  const text = '\ufeffa\nb \n \u3000\n\n\nc\r\n\r\nd'
  const expected = [
    { paragraphs: ['a', 'b '], line: 1 },
    { paragraphs: ['c'], line: 6 },
    { paragraphs: ['d'], line: 8 },
  ]
  t.deepEqual(await read(fileOf('a.txt', text)), expected)
  t.deepEqual(await read(fileOf('a.gz', gzipSync(text))), expected)
  t.deepEqual(await read(fileOf('no-ending', text)), expected)
})

test('JSON Lines: a document a line, its paragraphs are lines, empty ones are dropped', async (t) => {
  const expected = [
    { paragraphs: paragraphs[0], line: 1 },
    { paragraphs: paragraphs[1], line: 3 },
  ]
  t.deepEqual(await read(fileOf('a.jsonl', jsonl)), expected)
  t.deepEqual(await read(fileOf('a.ndjson.gz', gzipSync(jsonl))), expected)
  t.deepEqual(await read(fileOf('a.json', jsonl), { format: 'jsonl' }), expected)
  const other = fileOf('b.jsonl', jsonl.replaceAll('"text"', '"body"'))
  t.deepEqual(await read(other, { field: 'body' }), expected)
})

test('Parquet: a document a row, row groups and codecs, missing values', async (t) => {
  const columns = [
    { name: 'id', values: [1, 2, 3, 4, 5] },
    { name: 'text', values: [...texts, null] },
    { name: 'other', values: ['x', null, 'y', 'z', null] },
  ]
  for (const options of [{}, { rowsPerGroup: 2 }, { rowsPerGroup: 1, gzip: true }]) {
    const path = fileOf('a.parquet', parquetFile(columns, options))
    t.deepEqual(await read(path), [
      { paragraphs: paragraphs[0], line: 1 },
      { paragraphs: paragraphs[1], line: 3 },
    ])
    t.deepEqual(
      (await read(path, { field: 'other' })).map(({ line }) => line),
      [1, 3, 4],
    )
  }
})

test('pairs: columns by name, in TSV, JSON Lines and Parquet', async (t) => {
  const pairs = { first: 'query', second: 'title', label: 'click', labels: { 0: 'clicked', 1: 'shown' } }
  const rows = [
    ['1', 'q one', 'a title', '0'],
    ['2', 'q two', 'b', '1'],
  ]
  const header = ['id', 'query', 'title', 'click']
  const expected = [
    { paragraphs: ['q one', 'a title'], line: 2, label: 'clicked' },
    { paragraphs: ['q two', 'b'], line: 3, label: 'shown' },
  ]
  const tsv = [header, ...rows].map((row) => row.join('\t')).join('\r\n')
  t.deepEqual(await read(fileOf('a.tsv', tsv), { pairs }), expected)
  t.deepEqual(await read(fileOf('a.rels.gz', gzipSync(tsv)), { pairs }), expected)
  const objects = rows.map(([, query, title, click]) =>
    JSON.stringify({ query, title, click: Number(click) }),
  )
  const fromFirst = expected.map((row) => ({ ...row, line: row.line - 1 }))
  t.deepEqual(await read(fileOf('a.jsonl', objects.join('\n')), { pairs }), fromFirst)
  const columns = header.map((name, index) => {
    const values = rows.map((row) => row[index])
    return { name, values: name === 'click' ? values.map(Number) : values }
  })
  t.deepEqual(await read(fileOf('a.parquet', parquetFile(columns)), { pairs }), fromFirst)
  const unlabelled = { ...pairs, label: null, labels: null }
  t.deepEqual(
    await read(fileOf('a.tsv', tsv), { pairs: unlabelled }),
    expected.map(({ paragraphs, line }) => ({ paragraphs, line })),
  )
  const raw = { ...pairs, labels: null }
  t.deepEqual(
    (await read(fileOf('a.tsv', tsv), { pairs: raw })).map(({ label }) => label),
    ['0', '1'],
  )
})

test('globs are sorted; inputs keep their order', async (t) => {
  const folder = directory()
  mkdirSync(join(folder, 'deep'))
  for (const name of ['b.txt', 'a.txt', 'c.md', 'deep/a.txt']) writeFileSync(join(folder, name), name)
  const firsts = async (...names: string[]) =>
    (await read(names.map((name) => join(folder, name)))).map(({ paragraphs }) => paragraphs[0])
  t.deepEqual(await firsts('*.txt'), ['a.txt', 'b.txt'])
  t.deepEqual(await firsts('c.md', '**/*.txt'), ['c.md', 'a.txt', 'b.txt', 'deep/a.txt'])
  writeFileSync(join(folder, '[x].txt'), 'brackets')
  t.deepEqual(await firsts('[x].txt'), ['brackets'])
})

test('bad rows are told one by one, the others read', async (t) => {
  const lines = [
    '{"text":"a"}',
    '{"text":',
    '{"tekst":"b"}',
    '["text"]',
    '{"text":1}',
    '{"text":null}',
    '{"text":"c"}',
  ]
  const messages: string[] = []
  const path = fileOf('a.jsonl', lines.join('\n'))
  const found = await read(path, { onBadRow: (error) => messages.push(error.message.slice(path.length)) })
  t.deepEqual(
    found.map(({ line }) => line),
    [1, 7],
  )
  t.regex(messages[0], /^ line 2 is not a JSON object \(.*\); put it right, or go on with --skip-bad-lines$/)
  t.regex(messages[1], /^ line 3 has no field "text", its fields are tekst; name the one .* --field/)
  t.regex(messages[2], /^ line 4 is not a JSON object \(it is a list\)/)
  t.regex(messages[3], /^ line 5 has no text in its field "text"/)
  t.is(messages.length, 4)
})

test('bad pairs are told one by one, the others read', async (t) => {
  const pairs = { first: 'a', second: 'b', label: 'label', labels: { yes: 'yes', no: 'no' } }
  const lines = ['a\tb\tlabel', 'x\ty\tyes', 'x\t \tyes', 'x\ty', 'x\ty\tmaybe', '', 'x\ty\t', 'x\ty\tno']
  const messages: string[] = []
  const path = fileOf('a.tsv', lines.join('\n'))
  const found = await read(path, {
    pairs,
    onBadRow: (error) => messages.push(error.message.slice(path.length)),
  })
  t.deepEqual(
    found.map(({ line, label }) => [line, label]),
    [
      [2, 'yes'],
      [8, 'no'],
    ],
  )
  t.regex(messages[0], /^ line 3 has no text in its column "b"/)
  t.regex(messages[1], /^ line 4 has 2 columns where the first line has 3/)
  t.regex(messages[2], /^ line 5 has the label "maybe"; the labels are yes, no/)
  t.regex(messages[3], /^ line 7 has no label in its column "label"/)
  t.is(messages.length, 4)
})

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
    await t.throwsAsync(read(path, options), { instanceOf: EverlearnError, code, message })
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
  for (const [names, code, message] of cases) await t.throwsAsync(read(names), { code, message })
})

/** The documents of the parts of a file that meet at `cuts`. */
async function inParts(path: string, cuts: number[]): Promise<string[]> {
  const [input] = findInputs([path])
  const places = [0, ...cuts, input.size as number]
  const found: string[] = []
  for (let index = 0; index + 1 < places.length; index++) {
    const part: InputPart = { input, start: places[index], end: places[index + 1] }
    for await (const chunk of chunksOf(part, defaultReading)) {
      for await (const { paragraphs } of documentsOf(chunk, defaultReading, (t) => {
        throw t
      }))
        found.push(paragraphs.join('|'))
    }
  }
  return found
}

test('parts that meet anywhere hold every document once, in order', async (t) => {
  const line = fc.constantFrom('a', 'bb', '中', '', '', ' ', '\u3000', '\r')
  const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'))
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(60), { maxLength: 4 }), async (text, cuts) => {
      const path = fileOf('a.txt', text)
      const whole = await inParts(path, [])
      const half = text.length >> 1
      const members = [text.slice(0, half), text.slice(half)].map((part) => gzipSync(part, { level: 0 }))
      for (const content of [text, gzipSync(text), Buffer.concat(members)]) {
        const path = fileOf('a.txt', content)
        const size = Buffer.byteLength(content)
        const places = cuts.map((cut) => Math.min(cut, size)).sort((a, b) => a - b)
        t.deepEqual(await inParts(path, places), whole)
      }
    }),
    { numRuns: 120 },
  )
  const objects = Array.from({ length: 9 }, (_, id) => JSON.stringify({ text: `t${id}` }))
  for (const content of [objects.join('\n'), gzipSync(objects.join('\n'), { level: 0 })]) {
    const jsonl = fileOf('a.jsonl', content)
    for (let cut = 0; cut < content.length; cut += 3)
      t.deepEqual(
        await inParts(jsonl, [cut]),
        objects.map((line) => JSON.parse(line).text),
      )
  }
  const values = Array.from({ length: 50 }, (_, id) => `text ${id}`)
  const parquet = fileOf('a.parquet', parquetFile([{ name: 'text', values }], { rowsPerGroup: 7 }))
  for (const cuts of [[100], [300, 301, 900]]) t.deepEqual(await inParts(parquet, cuts), values)
})

test('an error in a part names the line of the file', async (t) => {
  const text = `${'{"text":"a"}\n'.repeat(5)}{"text":\n`
  for (const content of [text, gzipSync(text, { level: 0 })]) {
    const [input] = findInputs([fileOf('a.jsonl', content)])
    const end = input.size as number
    await t.throwsAsync(
      async () => {
        for await (const chunk of chunksOf({ input, start: 50, end }, defaultReading)) {
          t.true(chunk.bytes && chunk.bytes.offset > 0)
          for await (const _ of documentsOf(chunk, defaultReading, (error) => {
            throw error
          }))
            t.pass()
        }
      },
      { message: /a\.jsonl line 6 is not a JSON object/ },
    )
  }
})

test('documents over many chunks are whole, and their lines counted', async (t) => {
  const document = `${'word '.repeat(40)}\n`.repeat(60)
  const text = Array.from({ length: 400 }, (_, index) => `number ${index}\n${document}`).join('\n')
  const path = fileOf('a.txt', text)
  const found = await read(path)
  t.is(found.length, 400)
  for (const [index, { paragraphs, line }] of found.entries()) {
    t.is(paragraphs[0], `number ${index}`)
    t.is(paragraphs.length, 61)
    t.is(line, 1 + 62 * index)
  }
})
