import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { readExamples } from '../../lib/finetune/read-examples.ts'
import type { FineTuningTask } from '../../lib/finetune/task.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

const pairs: FineTuningTask = {
  name: 'pairs',
  columns: { first: 'a', second: 'b', label: 'verdict' },
  labels: ['different', 'same'],
  values: ['0', '1'],
  metric: 'f1',
}
const examples = [
  { texts: ['one "quoted', 'two'], label: 1 },
  { texts: ['drei', 'vier'], label: 0 },
]

test('rows of TSV by their columns, whatever their order: no quotes, any line end, plain or gzip', async (t) => {
  const folder = temporaryFolder(t)
  const text = '\ufeffid\tb\tverdict\ta\r\n7\ttwo\t1\tone "quoted\r\n\r\n8\tvier\t0\tdrei'
  const file = path.join(folder, 'rows.tsv')
  writeFileSync(file, text)
  writeFileSync(`${file}.gz`, gzipSync(text))
  t.deepEqual(await readExamples(pairs, file), examples)
  t.deepEqual(await readExamples(pairs, `${file}.gz`), examples)
})

test('rows of JSONL: fields may be numbers', async (t) => {
  const file = path.join(temporaryFolder(t), 'rows.jsonl')
  writeFileSync(
    file,
    '{"a": "one \\"quoted", "b": "two", "verdict": 1}\n\n{"verdict": "0", "b": "vier", "a": "drei"}\n',
  )
  t.deepEqual(await readExamples(pairs, file), examples)
})

test('a file without names of columns takes them from the task', async (t) => {
  const file = path.join(temporaryFolder(t), 'cola.tsv')
  writeFileSync(file, 'gj04\t1\t\tThey left.\ngj04\t0\t*\tLeft they.\n')
  const cola: FineTuningTask = {
    name: 'CoLA',
    columns: { first: 'sentence', label: 'label' },
    header: ['source', 'label', 'star', 'sentence'],
    labels: ['unacceptable', 'acceptable'],
    values: ['0', '1'],
    metric: 'matthews',
  }
  t.deepEqual(await readExamples(cola, file), [
    { texts: ['They left.'], label: 1 },
    { texts: ['Left they.'], label: 0 },
  ])
})

const bad: { what: string; text: string | Buffer; name?: string; code: string; message: RegExp }[] = [
  { what: 'an empty file', text: '', code: 'TABLE_EMPTY', message: /rows\.tsv has no rows/ },
  { what: 'a header alone', text: 'a\tb\tverdict\n', code: 'TABLE_EMPTY', message: /no rows/ },
  {
    what: 'a missing column',
    text: 'a\tbb\tverdict\nx\ty\t1\n',
    code: 'COLUMN_MISSING',
    message: /rows\.tsv has no column "b"; its first line names "a", "bb", "verdict"/,
  },
  {
    what: 'a missing field',
    name: 'rows.jsonl',
    text: '{"a": "x", "b": "y", "verdict": 1}\n{"a": "x", "verdict": 1}\n',
    code: 'COLUMN_MISSING',
    message: /rows\.jsonl line 2 has no field "b"; its fields are "a", "verdict"/,
  },
  {
    what: 'a line that is not JSON',
    name: 'rows.jsonl',
    text: '{"a": \n',
    code: 'ROW_INVALID',
    message: /rows\.jsonl line 1 is not JSON/,
  },
  {
    what: 'a row with too many columns',
    text: 'a\tb\tverdict\nx\ty\t1\nx\ty\t1\tz\n',
    code: 'ROW_INVALID',
    message: /rows\.tsv line 3 has 4 columns where the first line has 3/,
  },
  {
    what: 'an unknown label',
    text: 'a\tb\tverdict\nx\ty\t1\nx\ty\tmaybe\n',
    code: 'LABEL_UNKNOWN',
    message: /rows\.tsv line 3 has the label "maybe" in its column "verdict"; those of pairs are "0", "1"/,
  },
  {
    what: 'a row without text',
    text: 'a\tb\tverdict\nx\t \t1\n',
    code: 'TEXT_EMPTY',
    message: /rows\.tsv line 2 has no text in its column "b"/,
  },
  {
    what: 'a file that is not UTF-8',
    text: Buffer.from([0x61, 0xff]),
    code: 'NOT_UTF8',
    message: /not UTF-8/,
  },
]

for (const { what, text, name = 'rows.tsv', code, message } of bad) {
  test(`refused: ${what}`, async (t) => {
    const file = path.join(temporaryFolder(t), name)
    writeFileSync(file, text)
    await t.throwsAsync(readExamples(pairs, file), { code, message })
  })
}

test('refused: a file that is not there, or a folder', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(path.join(folder, 'rows.tsv'))
  await t.throwsAsync(readExamples(pairs, path.join(folder, 'none.tsv')), { code: 'INPUT_MISSING' })
  await t.throwsAsync(readExamples(pairs, path.join(folder, 'rows.tsv')), { code: 'INPUT_MISSING' })
})

test('refused: tasks that cannot be', async (t) => {
  const refused = (changes: Partial<FineTuningTask>, message: RegExp) =>
    t.throwsAsync(readExamples({ ...pairs, ...changes }, 'none.tsv'), { code: 'FINE_TUNING_TASK', message })
  await refused(
    { labels: ['same'], values: undefined },
    /has the one label "same"; a classification needs at least two/,
  )
  await refused({ labels: [], values: [] }, /has no label/)
  await refused({ labels: ['a', 'a'] }, /labels has "a" twice/)
  await refused({ values: ['0'] }, /has 2 labels and 1 values/)
  await refused({ header: ['a', 'verdict'] }, /header has no column "b"/)
  await refused({ metric: 'precision' as never }, /no metric precision; known: accuracy/)
})
