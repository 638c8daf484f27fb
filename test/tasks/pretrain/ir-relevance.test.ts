import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import test from 'ava'
import type { Corpus } from '../../../lib/data/corpus.ts'
import { createRandom } from '../../../lib/data/random.ts'
import { readVocabulary } from '../../../lib/tokenizer/vocabulary.ts'
import { irRelevance } from '../../../tasks/pretrain/ir-relevance.ts'
import { corpusFromDocuments, smallVocabulary } from '../../helpers/corpus.ts'

const file = (name: string) => new URL(`../../../${name}`, import.meta.url)

interface Row {
  query: string
  title: string
  label?: string
  source?: string
}

const corpusOf = (rows: Row[], vocabulary = smallVocabulary(), language: 'en' | 'zh' = 'en') =>
  corpusFromDocuments(
    rows.map(({ query, title, label, source }) => ({ text: [[query], [title]], label, source })),
    vocabulary,
    { kind: 'pairs', language },
  )

interface Drawn {
  label: number
  /** Rows of the corpus that its query and its title are from. */
  query: number
  title: number
  length: number
}

/** Draws for `epochs` times every row; the segments must be the query and title of the rows that the input names. */
function drawMany(corpus: Corpus, epochs: number, maxLength = 512): Drawn[] {
  const task = irRelevance()
  task.check?.(corpus)
  const drawn: Drawn[] = []
  for (let slot = 0; slot < epochs * corpus.documentCount; slot++) {
    const window = corpus.documentStart(slot % corpus.documentCount)
    const input = task.draw(
      { corpus, vocabulary: corpus.vocabulary, maxLength, window },
      createRandom(1, slot),
    )
    if (!input) continue
    const [query, title] = input.spans
    const { sentences, paragraphs, tokens } = corpus.document(title.document)
    if (query.start !== 0 || title.start !== sentences[paragraphs[1]]) throw new Error('not query and title')
    if (maxLength === 512 && title.end !== tokens.length) throw new Error('not the whole title')
    drawn.push({
      label: input.label!,
      query: query.document,
      title: title.document,
      length: title.end - title.start,
    })
  }
  return drawn
}

const rowsOfSet: Row[] = gunzipSync(readFileSync(file('test/fixtures/text/query-titles.tsv.gz')))
  .toString('utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line, index) => {
    const [query, title, label] = line.split('\t')
    return { query, title, label, source: index % 2 === 0 ? 'even' : 'odd' }
  })
const chinese = readVocabulary(file('test/fixtures/tokenizer/ernie-vocab_zh.txt.gz').pathname)
const set = corpusOf(rowsOfSet, chinese, 'zh')

test('every pair is what its label says', (t) => {
  t.is(set.documentCount, rowsOfSet.length)
  for (const { label, query, title } of drawMany(set, 5)) {
    const [row, other] = [rowsOfSet[query], rowsOfSet[title]]
    if (label < 2) {
      t.is(query, title)
      t.is(row.label, ['clicked', 'shown'][label])
    } else {
      t.not(other.query, row.query)
      t.is(other.source, row.source)
      t.is(other.label, 'clicked')
      t.is(row.label, 'clicked')
      t.false(rowsOfSet.some((each) => each.query === row.query && each.title === other.title))
    }
  }
})

test('the classes come a third each, the rows of a class alike', (t) => {
  const drawn = drawMany(set, 40)
  for (const label of [0, 1, 2]) {
    const own = drawn.filter((each) => each.label === label)
    t.true(Math.abs(own.length / drawn.length - 1 / 3) < 0.02, `class ${label}: ${own.length}`)
    const counts = new Map<number, number>()
    for (const { query } of own) counts.set(query, (counts.get(query) ?? 0) + 1)
    const rows = rowsOfSet.filter(({ label: name }) => name === (label === 1 ? 'shown' : 'clicked')).length
    t.is(counts.size, rows)
    const expected = own.length / rows
    t.true(Math.max(...counts.values()) < expected + 6 * Math.sqrt(expected))
  }
})

test('random titles are as long as clicked ones and are not always the same few', (t) => {
  const drawn = drawMany(set, 40)
  const lengths = (label: number) =>
    drawn
      .filter((each) => each.label === label)
      .map(({ length }) => length)
      .sort((a, b) => a - b)
  const [clicked, random] = [lengths(0), lengths(2)]
  // Kolmogorov and Smirnov's distance of two samples; 0.5 % of those from one distribution are farther apart.
  const limit = 1.73 * Math.sqrt((clicked.length + random.length) / (clicked.length * random.length))
  const upTo = (values: number[], length: number) =>
    values.filter((each) => each <= length).length / values.length
  const distance = Math.max(
    ...clicked.map((length) => Math.abs(upTo(clicked, length) - upTo(random, length))),
  )
  t.true(distance < limit, `${distance} of ${limit}`)
  const titles = new Set(drawn.filter(({ label }) => label === 2).map(({ title }) => title))
  const all = rowsOfSet.filter(({ label }) => label === 'clicked').length
  t.true(titles.size > 0.9 * all, `${titles.size} of ${all} titles`)
})

test('a random title is about as long as the one it stands for', (t) => {
  // Titles of 1 to 200 words: two of each length, of different queries.
  const rows = Array.from({ length: 400 }, (_, index) => ({
    query: `q ${'abcdefghij'[index % 10]} ${index}`,
    title: `${'a '.repeat(1 + (index >> 1))}${'abcdefghij'[index % 10]}`,
    label: 'clicked',
  }))
  const corpus = corpusOf(rows)
  for (const { label, query, title } of drawMany(corpus, 3)) {
    if (label === 2) t.true(Math.abs((query >> 1) - (title >> 1)) <= 9, `${query} and ${title}`)
  }
})

test('labels may be numbers, and random rows of the corpus are used instead of made ones', (t) => {
  const rows = [
    { query: 'a b', title: 'c d', label: '0' },
    { query: 'a b', title: 'e f', label: '1' },
    { query: 'g h', title: 'i j', label: '2' },
    { query: 'g h', title: 'k l', label: '0' },
    { query: 'g h', title: 'm n' },
  ]
  const found = new Set(
    drawMany(corpusOf(rows), 60).map(({ label, query, title }) => `${label} ${query} ${title}`),
  )
  t.deepEqual([...found].sort(), ['0 0 0', '0 3 3', '1 1 1', '2 2 2'])
})

test('where nothing was shown there are two classes', (t) => {
  const rows = ['ab', 'cd', 'ef', 'gh'].map((word) => ({
    query: word,
    title: `${word} it`,
    label: 'clicked',
  }))
  const drawn = drawMany(corpusOf(rows), 100)
  t.deepEqual([...new Set(drawn.map(({ label }) => label))].sort(), [0, 2])
  t.true(Math.abs(drawn.filter(({ label }) => label === 0).length / drawn.length - 0.5) < 0.1)
})

test('a source with titles of one query gives no random pairs, whatever the others have', (t) => {
  const rows = ['ab', 'cd', 'ef', 'gh'].map((word) => ({
    query: word,
    title: word,
    label: 'clicked',
    source: 'one',
  }))
  rows.push({ query: 'ij', title: 'ij', label: 'clicked', source: 'two' })
  const drawn = drawMany(corpusOf(rows), 50)
  t.true(drawn.some(({ label, query }) => label === 0 && query === 4))
  t.false(drawn.some(({ label, query, title }) => label === 2 && (query === 4 || title === 4)))
})

test('a title that belongs to both queries is random for neither', (t) => {
  const rows = [
    { query: 'ab', title: 'x y', label: 'clicked' },
    { query: 'ab', title: 'z w', label: 'shown' },
    { query: 'cd', title: 'x y', label: 'clicked' },
    { query: 'cd', title: 'u v', label: 'clicked' },
    { query: 'ef', title: 'z w', label: 'clicked' },
  ]
  const random = drawMany(corpusOf(rows), 300).filter(({ label }) => label === 2)
  const found = new Set(random.map(({ query, title }) => `${rows[query].query} | ${rows[title].title}`))
  t.deepEqual([...found].sort(), ['ab | u v', 'cd | z w', 'ef | u v', 'ef | x y'])
})

test('long titles and queries are cut to the input', (t) => {
  const rows = ['a', 'b'].map((word) => ({
    query: `${word} `.repeat(40),
    title: `${word} `.repeat(50),
    label: 'clicked',
  }))
  const drawn = drawMany(corpusOf(rows), 20, 33)
  t.true(drawn.length > 20)
  for (const { length } of drawn) t.is(length, 15)
})

test('it says what a corpus lacks', (t) => {
  const check = (rows: Row[]) => () => irRelevance().check?.(corpusOf(rows))
  const row = { query: 'a', title: 'b', label: 'clicked' }
  t.throws(() => irRelevance().check?.(corpusFromDocuments(['Text.'], smallVocabulary())), {
    code: 'LABEL_UNKNOWN',
    message: /running text/,
  })
  t.throws(check([{ ...row, label: undefined }]), { code: 'LABEL_UNKNOWN', message: /no labels/ })
  t.throws(check([row, { ...row, label: 'good' }]), { code: 'LABEL_UNKNOWN', message: /clicked, good/ })
  t.throws(check([row, { ...row, label: '3' }]), { code: 'LABEL_UNKNOWN', message: /0, 1 and 2.*3, clicked/ })
  t.throws(check([{ ...row, label: 'shown' }]), { code: 'TASK_NEEDS', message: /clicked \(0\)/ })
  t.throws(check([row, { ...row, title: 'c' }]), { code: 'TASK_NEEDS', message: /two queries/ })
  t.notThrows(check([row, { ...row, query: 'c' }]))
  t.throws(() => irRelevance({ classes: 2 }), { code: 'TASK_OPTIONS', message: /classes/ })
})
