import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { fileWriter, scratch } from '../../helpers/directory.ts'
import { readAll } from '../../helpers/read-all.ts'
import { parquetFile } from '../../helpers/write-parquet.ts'

const directory = scratch(test)
const fileOf = fileWriter(directory)

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
  t.deepEqual(await readAll(fileOf('a.txt', text)), expected)
  t.deepEqual(await readAll(fileOf('a.gz', gzipSync(text))), expected)
  t.deepEqual(await readAll(fileOf('no-ending', text)), expected)
})

test('JSON Lines: a document a line, its paragraphs are lines, empty ones are dropped', async (t) => {
  const expected = [
    { paragraphs: paragraphs[0], line: 1 },
    { paragraphs: paragraphs[1], line: 3 },
  ]
  t.deepEqual(await readAll(fileOf('a.jsonl', jsonl)), expected)
  t.deepEqual(await readAll(fileOf('a.ndjson.gz', gzipSync(jsonl))), expected)
  t.deepEqual(await readAll(fileOf('a.json', jsonl), { format: 'jsonl' }), expected)
  const other = fileOf('b.jsonl', jsonl.replaceAll('"text"', '"body"'))
  t.deepEqual(await readAll(other, { field: 'body' }), expected)
})

test('Parquet: a document a row, row groups and codecs, missing values', async (t) => {
  const columns = [
    { name: 'id', values: [1, 2, 3, 4, 5] },
    { name: 'text', values: [...texts, null] },
    { name: 'other', values: ['x', null, 'y', 'z', null] },
  ]
  for (const options of [{}, { rowsPerGroup: 2 }, { rowsPerGroup: 1, gzip: true }]) {
    const path = fileOf('a.parquet', parquetFile(columns, options))
    t.deepEqual(await readAll(path), [
      { paragraphs: paragraphs[0], line: 1 },
      { paragraphs: paragraphs[1], line: 3 },
    ])
    t.deepEqual(
      (await readAll(path, { field: 'other' })).map(({ line }) => line),
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
  t.deepEqual(await readAll(fileOf('a.tsv', tsv), { pairs }), expected)
  t.deepEqual(await readAll(fileOf('a.rels.gz', gzipSync(tsv)), { pairs }), expected)
  const objects = rows.map(([, query, title, click]) =>
    JSON.stringify({ query, title, click: Number(click) }),
  )
  const fromFirst = expected.map((row) => ({ ...row, line: row.line - 1 }))
  t.deepEqual(await readAll(fileOf('a.jsonl', objects.join('\n')), { pairs }), fromFirst)
  const columns = header.map((name, index) => {
    const values = rows.map((row) => row[index])
    return { name, values: name === 'click' ? values.map(Number) : values }
  })
  t.deepEqual(await readAll(fileOf('a.parquet', parquetFile(columns)), { pairs }), fromFirst)
  const unlabelled = { ...pairs, label: null, labels: null }
  t.deepEqual(
    await readAll(fileOf('a.tsv', tsv), { pairs: unlabelled }),
    expected.map(({ paragraphs, line }) => ({ paragraphs, line })),
  )
  const raw = { ...pairs, labels: null }
  t.deepEqual(
    (await readAll(fileOf('a.tsv', tsv), { pairs: raw })).map(({ label }) => label),
    ['0', '1'],
  )
})

test('globs are sorted; inputs keep their order', async (t) => {
  const folder = directory()
  mkdirSync(join(folder, 'deep'))
  for (const name of ['b.txt', 'a.txt', 'c.md', 'deep/a.txt']) writeFileSync(join(folder, name), name)
  const firsts = async (...names: string[]) =>
    (await readAll(names.map((name) => join(folder, name)))).map(({ paragraphs }) => paragraphs[0])
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
  const found = await readAll(path, { onBadRow: (error) => messages.push(error.message.slice(path.length)) })
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
  const found = await readAll(path, {
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

test('documents over many chunks are whole, and their lines counted', async (t) => {
  const document = `${'word '.repeat(40)}\n`.repeat(60)
  const text = Array.from({ length: 400 }, (_, index) => `number ${index}\n${document}`).join('\n')
  const path = fileOf('a.txt', text)
  const found = await readAll(path)
  t.is(found.length, 400)
  for (const [index, { paragraphs, line }] of found.entries()) {
    t.is(paragraphs[0], `number ${index}`)
    t.is(paragraphs.length, 61)
    t.is(line, 1 + 62 * index)
  }
})
