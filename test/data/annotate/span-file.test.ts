import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { readSpans } from '../../../lib/data/annotate/span-file.ts'
import type { EverlearnError } from '../../../lib/error.ts'
import { scratch } from '../../helpers/directory.ts'

const directory = scratch(test)

function open(content: string | Uint8Array) {
  const path = join(directory(), 'spans.tsv')
  writeFileSync(path, content)
  return readSpans(path)
}

test('spans of a line, by kind, in any order within it', async (t) => {
  const spans = open('1\t9\t13\tentity\n1\t0\t8\tphrase\n1\t0\t3\tentity\n1\t9\t13\tphrase\n4\t0\t1\tword\n')
  const text = 'New York city'
  t.deepEqual(await spans.annotate(1, text, [13]), { phrases: [0, 8, 9, 13], entities: [0, 3, 9, 13] })
  t.deepEqual(await spans.annotate(2, text, [13]), { phrases: [], entities: [] })
  t.deepEqual(await spans.annotate(4, 'ab', [2]), { phrases: [], entities: [], words: [0] })
  t.deepEqual(await spans.annotate(5, text, [13]), { phrases: [], entities: [] })
  await spans.finish(5)
})

test('offsets are code points', async (t) => {
  const spans = open('1\t2\t4\tentity\n1\t0\t1\tphrase\n1\t4\t5\tphrase\n')
  t.deepEqual(await spans.annotate(1, '𠀀在北京。', [6]), { phrases: [0, 2, 5, 6], entities: [3, 5] })
})

test('words: each span is one, the rest is that of the pre-tokeniser', async (t) => {
  const spans = open('1\t1\t3\tword\n1\t3\t5\tword\n')
  const { words } = await spans.annotate(1, '在北京大学 café。', [11])
  t.deepEqual(words, [0, 1, 3, 6, 10])
})

test('spans are cut at sentence ends and moved to the edges of words', async (t) => {
  const spans = open('1\t5\t13\tphrase\n1\t1\t2\tentity\n1\t0\t9\tword\n')
  t.deepEqual(await spans.annotate(1, 'I left. You did.', [8, 16]), {
    phrases: [2, 7, 8, 15],
    entities: [],
    words: [0, 8, 12, 15],
  })
})

test('lines left out are passed over, and lines behind the text are refused', async (t) => {
  const spans = open('1\t0\t1\tphrase\n3\t0\t1\tphrase\n9\t0\t1\tphrase\n')
  t.deepEqual((await spans.annotate(3, 'abc', [3])).phrases, [0, 3])
  const error = await t.throwsAsync(spans.finish(8), {
    message: /spans\.tsv line 3 is about line 9, but the text has 8/,
  })
  t.is((error as EverlearnError).code, 'SPANS_INVALID')
  await spans.close()
  const whole = open('9\t0\t1\tphrase\n')
  await t.notThrowsAsync(whole.finish(9))
  await t.notThrowsAsync(open('').finish(0))
})

for (const [what, content, message] of [
  ['three fields', '1\t0\t1\tword\n1\t0\tword\n', /spans\.tsv line 2 has 3 fields/],
  ['five fields', '1\t0\t1\tword\tx\n', /line 1 has 5 fields/],
  ['an empty line', '\n', /line 1 has 1 field instead/],
  ['no number', '1\tx\t1\tword\n', /line 1 has "x" as start/],
  ['a fraction', '1\t0\t1.5\tword\n', /line 1 has "1\.5" as end/],
  ['a negative line', '-1\t0\t1\tword\n', /line 1 has "-1" as line/],
  ['line 0', '0\t0\t1\tword\n', /line 1 is about line 0/],
  ['an unknown kind', '1\t0\t1\tperson\n', /line 1 has the unknown kind "person"/],
  ['an empty span', '1\t1\t1\tword\n', /line 1 has the span 1 to 1, which is empty/],
  [
    'a span behind the line',
    '1\t0\t2\tword\n1\t2\t5\tword\n',
    /line 2 has the span 2 to 5, but line 1 of the text is shorter/,
  ],
  [
    'overlap',
    '1\t0\t2\tphrase\n1\t0\t1\tentity\n1\t1\t3\tphrase\n',
    /line 3 has the phrase 1 to 3, which overlaps that of line 1/,
  ],
  [
    'lines that descend',
    '1\t0\t1\tword\n2\t0\t1\tword\n1\t1\t2\tword\n',
    /line 3 is about line 1 and follows line 2/,
  ],
] as const) {
  test(`a file of spans with ${what} is refused`, async (t) => {
    const spans = open(content)
    const read = async () => {
      await spans.annotate(1, 'a 𠀀b', [5])
      await spans.annotate(2, 'a 𠀀b', [5])
    }
    const error = await t.throwsAsync(read(), { message })
    t.is((error as EverlearnError).code, 'SPANS_INVALID')
  })
}

test('a file that is not UTF-8, or not there, is named', async (t) => {
  const latin = open(Buffer.from('1\t0\t1\tword\n\xf6\n', 'latin1'))
  const error = await t.throwsAsync(latin.annotate(1, 'a', [1]), {
    message: /spans\.tsv is not UTF-8: line 2/,
  })
  t.is((error as EverlearnError).code, 'SPANS_UNREADABLE')
  const missing = await t.throwsAsync(readSpans('/nowhere/spans.tsv').annotate(1, 'a', [1]))
  t.is((missing as EverlearnError).code, 'SPANS_UNREADABLE')
})

test('a file larger than what is read at a time', async (t) => {
  const lines = Array.from(
    { length: 100_000 },
    (_, index) => `${index + 1}\t${index % 3}\t${(index % 3) + 1}\tentity\n`,
  )
  const spans = open(lines.join(''))
  for (const line of [1, 2, 50_000, 99_999, 100_000]) {
    const start = (line - 1) % 3
    t.deepEqual((await spans.annotate(line, '一二三', [3])).entities, [start, start + 1])
  }
  await spans.finish(100_000)
})
