import test from 'ava'
import fc from 'fast-check'
import { html } from '../../../lib/report/html/markup.ts'
import { inspectionPage } from '../../../lib/report/inspect/html/inspection-page.ts'
import type { Inspection, SampleWord } from '../../../lib/report/inspect/inspection.ts'
import { elementsOf } from '../../helpers/html.ts'

const word = (piece: string, change: Partial<SampleWord> = {}): SampleWord => ({
  pieces: [piece],
  seen: [null],
  unit: null,
  labels: { kinds: [1] },
  blankBefore: true,
  ...change,
})
const hostile = '<script>alert("x&y")</script>'
const lengths = {
  count: 1,
  mean: 3,
  median: 3,
  percentile95: 3,
  longest: 3,
  bins: [{ from: 2, to: 3, count: 1 }],
}
const counts = {
  documents: 1,
  paragraphs: 1,
  sentences: 1,
  words: 3,
  tokens: 3,
  unknown: 0,
  phrases: 1,
  entities: 0,
}

/** Everything that can be shown, with text that would do harm wherever text comes from outside. */
const everything: Inspection = {
  corpus: {
    directory: hostile,
    kind: 'pairs',
    language: 'en',
    lowerCase: true,
    annotated: true,
    vocabulary: 9,
    counts,
  },
  seed: 1,
  maxLength: 128,
  samples: {
    tasks: [
      {
        name: 'pairs',
        predicts: 'class',
        classNames: Array.from({ length: 20 }, (_, i) => `${i} ${hostile}`),
        options: { a: hostile },
      },
      { name: 'masking', predicts: 'tokens', classNames: [], options: {} },
      { name: 'kinds', predicts: 'labels', classNames: ['none', 'some'], options: {} },
    ],
    samples: [
      {
        length: 9,
        label: 2,
        units: ['phrase'],
        segments: [
          {
            slot: 3,
            places: [{ document: 0, source: hostile, start: 0, end: 3, tokens: 3, rank: 1, ranks: 1 }],
            words: [
              word(hostile),
              word('old', { seen: ['[MASK]'], unit: 0, labels: { kinds: [null] } }),
              word('cat', { seen: [hostile], unit: 0, labels: { kinds: [null] } }),
            ],
          },
        ],
      },
    ],
  },
  statistics: {
    sampled: { documents: 1, tokens: 3, sentences: 1 },
    documentLengths: lengths,
    sentenceLengths: lengths,
    phraseShare: 0.5,
    entityShare: 0,
    distinctTokens: 3,
    frequentTokens: [{ piece: hostile, count: 3 }],
    sources: [{ name: hostile, documents: 1 }],
    otherSources: 0,
    labels: [{ name: hostile, documents: 1 }],
    tasks: [
      {
        task: hostile,
        predicts: 'class',
        inputs: 2,
        meanLength: 9,
        labels: 2,
        labelledShare: 0,
        classes: [{ name: hostile, count: 2 }],
      },
      {
        task: 'other',
        predicts: 'class',
        refused: hostile,
        inputs: 0,
        meanLength: 0,
        labels: 0,
        labelledShare: 0,
        classes: [],
      },
    ],
  },
}

test('the page is well formed, and text from outside is text on it', (t) => {
  const page = inspectionPage(everything)
  const elements = elementsOf(t, page)
  t.false(page.includes('<script'))
  const [body] = elements.filter(({ name }) => name === 'body')
  // Directory, class, options, place, word, seen piece, token, source, label, task, class of the task, refusal, and 20 classes.
  t.true(body.text.split(hostile).length - 1 >= 31, String(body.text.split(hostile).length - 1))
})

test('the page needs nothing from elsewhere', (t) => {
  const page = inspectionPage(everything)
  t.notRegex(page, /https?:|\bsrc=|<link|<script|@import|url\(| on[a-z]+=/)
  const addresses = [...page.matchAll(/href="([^"]*)"/g)].map(([, address]) => address)
  t.deepEqual(addresses, ['#samples', '#statistics', '#labels'])
  for (const address of addresses) t.true(page.includes(` id="${address.slice(1)}"`))
  t.regex(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/)
})

test('headings descend by one, and ids are unique', (t) => {
  const elements = elementsOf(t, inspectionPage(everything))
  const levels = elements.filter(({ name }) => /^h[1-6]$/.test(name)).map(({ name }) => Number(name[1]))
  t.is(levels[0], 1)
  t.is(levels.filter((level) => level === 1).length, 1)
  levels.slice(1).forEach((level, index) => {
    t.true(level - levels[index] <= 1)
  })
  const ids = elements.flatMap(({ attributes }) =>
    [...attributes.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id),
  )
  t.is(new Set(ids).size, ids.length)
  for (const { attributes } of elements) {
    const named = / aria-labelledby="([^"]*)"/.exec(attributes)
    if (named) t.true(ids.includes(named[1]))
  }
})

test('the original stands over what the encoder sees, and labels over their words', (t) => {
  const page = inspectionPage(everything)
  t.true(page.includes('<ruby class="drawn"><span class="mask">[MASK]</span><rt>old</rt></ruby>'))
  const rubies = elementsOf(t, page).filter(({ name }) => name === 'ruby')
  t.deepEqual(
    rubies.map(({ attributes, text }) => [attributes, text]),
    [
      [' class="on"', `${hostile}some`],
      [' class="drawn"', '[MASK]old'],
      [' class="drawn"', `~${hostile}cat`],
    ],
  )
  const units = elementsOf(t, page).filter(({ attributes }) => attributes === ' class="unit"')
  t.deepEqual(
    units.map(({ text }) => text),
    ['wordsphrase', `[MASK]old ~${hostile}catphrase`],
  )
})

test('a page without samples has the statistics only', (t) => {
  const page = inspectionPage({ ...everything, samples: undefined })
  elementsOf(t, page)
  t.false(page.includes('id="samples"'))
  t.true(page.includes('id="statistics"'))
})

test('whatever text is put into a template, it is read back as it was', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { markup } = html`<p title="${text}">${text}</p>`
      const shown = text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
      if (shown !== '') t.is(elementsOf(t, markup)[0].text, shown)
    }),
  )
})
