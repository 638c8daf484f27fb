import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import fc from 'fast-check'
import type { Corpus } from '../../../lib/data/corpus.ts'
import { layOut } from '../../../lib/data/layout.ts'
import { createRandom } from '../../../lib/data/random.ts'
import type { Input } from '../../../lib/data/task.ts'
import { knowledgeMasking } from '../../../tasks/pretrain/knowledge-masking.ts'
import { sentenceDistance } from '../../../tasks/pretrain/sentence-distance.ts'
import { sentenceReordering } from '../../../tasks/pretrain/sentence-reordering.ts'
import { tokenDocument } from '../../../tasks/pretrain/token-document.ts'
import { corpusFromDocuments, smallVocabulary } from '../../helpers/corpus.ts'
import { drawInputs, placesOf, wordsOf } from '../../helpers/draws.ts'
import { memoryCorpus, piecesOf } from '../../helpers/memory-corpus.ts'
import { chineseCorpus, englishCorpus } from '../../helpers/real-text.ts'

type Place = [document: number, start: number, end: number]

const inputOf = (corpus: Corpus, places: Place[]): Input =>
  layOut(
    corpus.vocabulary,
    places.map(([document, start, end]) => ({ document: corpus.document(document), start, end })),
  )

/** Labels by position, undefined where there is none. */
function labelsOf(corpus: Corpus, input: Input, { task = tokenDocument(), taken = new Int32Array() } = {}) {
  const context = { corpus, vocabulary: corpus.vocabulary, progress: 0, taken }
  const { positions, labels, ids } = task.annotate(input, createRandom(1), context)
  if (ids) throw new Error('token-document changes no ids')
  const all: (number | undefined)[] = Array.from(input.ids, () => undefined)
  positions.forEach((position, i) => {
    all[position] = labels[i]
  })
  return all
}

/** The pieces that have a label, with it: `cat:1`. */
function shown(corpus: Corpus, places: Place[], options = {}): string {
  const input = inputOf(corpus, places)
  const labels = labelsOf(corpus, input, options)
  const pieces = piecesOf(corpus, input.ids)
  return pieces.flatMap((piece, i) => (labels[i] === undefined ? [] : [`${piece}:${labels[i]}`])).join(' ')
}

/** The same corpus as an older `prepare` has written it: without counts of words. */
const withoutCounts = (corpus: Corpus): Corpus => ({
  ...corpus,
  document(index) {
    const document = corpus.document(index)
    return { ...document, flags: document.flags.map((flag) => flag & 7) }
  },
})

/** What the text says: whether the word is in the set of the document's words outside of the input. */
function reference(corpus: Corpus, input: Input): (number | undefined)[] {
  const places = placesOf(corpus, input)
  const labels: (number | undefined)[] = places.map(() => undefined)
  for (const document of new Set(places.flatMap((place) => (place ? [place.document] : [])))) {
    const own = new Map<number, number[]>()
    places.forEach((place, position) => {
      if (place?.document === document) own.set(place.token, [...(own.get(place.token) ?? []), position])
    })
    const words = wordsOf(corpus, document)
    const tokensOf = ({ from, end }: { from: number; end: number }) =>
      Array.from({ length: end - from }, (_, i) => from + i)
    if (words.flatMap(tokensOf).every((token) => own.has(token))) continue
    const elsewhere = new Set(
      words.filter((word) => tokensOf(word).every((token) => !own.has(token))).map(({ text }) => text),
    )
    for (const word of words) {
      if (word.text.split(' ').includes('[UNK]')) continue
      const positions = tokensOf(word).flatMap((token) => own.get(token) ?? [])
      // A word of which not all is there, or not side by side, is cut.
      const isWhole = positions.length === word.end - word.from
      if (!isWhole || positions.some((position, i) => position !== positions[0] + i)) continue
      for (const position of positions) labels[position] = Number(elsewhere.has(word.text))
    }
  }
  return labels
}

const animals = memoryCorpus([
  // Tokens 0 … 9 and 10 … 17.
  ['the cat Sat ##ting by the cat flap ##s .', 'A dog sat by the flap .', 'Cat ##s ran'],
  ['dog and hare .', 'no cat'],
])

test('a word is labelled by whether it occurs in the rest of its document, all pieces of it', (t) => {
  t.is(shown(animals, [[0, 0, 10]]), 'the:1 cat:0 sat:0 ##ting:0 by:1 the:1 cat:0 flap:0 ##s:0 .:1')
  t.is(shown(animals, [[0, 10, 17]]), 'a:0 dog:0 sat:0 by:1 the:1 flap:0 .:1')
  t.is(
    shown(animals, [
      [0, 2, 4],
      [0, 17, 20],
    ]),
    'sat:0 ##ting:0 cat:0 ##s:0 ran:0',
  )
})

test('each token is judged by its own document less all that the input has of it', (t) => {
  t.is(
    shown(animals, [
      [1, 0, 4],
      [0, 10, 17],
    ]),
    'dog:0 and:0 hare:0 .:0 a:0 dog:0 sat:0 by:1 the:1 flap:0 .:1',
  )
  t.is(
    shown(animals, [
      [0, 10, 17],
      [0, 4, 6],
    ]),
    'a:0 dog:0 sat:0 by:0 the:1 flap:0 .:1 by:0 the:1',
  )
  t.is(
    shown(animals, [
      [0, 4, 6],
      [0, 10, 17],
    ]),
    'by:0 the:1 a:0 dog:0 sat:0 by:0 the:1 flap:0 .:1',
  )
})

test('a document that is wholly in the input gives no labels, in whatever order it is there', (t) => {
  t.is(shown(animals, [[1, 0, 6]]), '')
  t.is(
    shown(animals, [
      [1, 4, 6],
      [1, 0, 4],
    ]),
    '',
  )
  t.is(
    shown(animals, [
      [1, 0, 6],
      [0, 17, 20],
    ]),
    'cat:0 ##s:0 ran:0',
  )
})

test('short documents are left out if asked for', (t) => {
  const task = tokenDocument({ shortestDocument: 7 })
  t.is(
    shown(
      animals,
      [
        [1, 0, 4],
        [0, 17, 20],
      ],
      { task },
    ),
    'cat:0 ##s:0 ran:0',
  )
  t.is(
    shown(animals, [[1, 0, 4]], { task: tokenDocument({ shortestDocument: 6 }) }),
    'dog:0 and:0 hare:0 .:0',
  )
})

test('a corpus without a document that is long enough is refused', (t) => {
  t.notThrows(() => tokenDocument({ shortestDocument: 20 }).check?.(animals))
  t.throws(() => tokenDocument({ shortestDocument: 21 }).check?.(animals), {
    code: 'TASK_NEEDS',
    message: /documents of 21 tokens or more, but \(in memory\) has none/,
  })
})

test('words that the input cuts have no label, at its ends or inside a word of the document', (t) => {
  t.is(shown(animals, [[0, 3, 5]]), 'by:1')
  t.is(shown(animals, [[0, 1, 3]]), 'cat:1')
  t.is(shown(animals, [[0, 1, 8]]), 'cat:0 sat:0 ##ting:0 by:1 the:1 cat:0')
})

test('a word with an unknown piece has no label', (t) => {
  const corpus = corpusFromDocuments([[['the ♥ man', 'the ♥ dog']]], smallVocabulary(['the', 'man', 'dog']))
  t.is(shown(corpus, [[0, 0, 3]]), 'the:1 man:0')
})

test('case does not matter where the corpus is lower-cased, and does where it is not', (t) => {
  const text = [[['Cat dog', 'cat dog']]]
  const vocabulary = smallVocabulary(['cat', 'Cat', 'dog'])
  t.is(shown(corpusFromDocuments(text, vocabulary), [[0, 0, 2]]), 'cat:1 dog:1')
  t.is(shown(corpusFromDocuments(text, vocabulary, { lowerCase: false }), [[0, 0, 2]]), 'Cat:0 dog:1')
})

test('tokens that another task has changed have no label, the others of the word have', (t) => {
  t.is(
    shown(animals, [[0, 0, 10]], { taken: Int32Array.of(1, 4, 10) }),
    'cat:0 sat:0 by:1 the:1 cat:0 flap:0 ##s:0',
  )
})

test('Chinese words are those of the segmenter', (t) => {
  const corpus = corpusFromDocuments(
    [
      {
        text: '北京大学在北京。\n大学在上海。',
        annotations: [
          { words: [0, 4, 5, 7], phrases: [], entities: [] },
          { words: [0, 2, 3, 5], phrases: [], entities: [] },
        ],
      },
    ],
    smallVocabulary([...'北京大学在上海。']),
    { language: 'zh', annotated: true },
  )
  t.is(shown(corpus, [[0, 0, 8]]), '北:0 京:0 大:0 学:0 在:1 北:0 京:0 。:1')
  t.is(shown(corpus, [[0, 8, 14]]), '大:0 学:0 在:1 上:0 海:0 。:1')
  t.is(shown(corpus, [[0, 0, 5]]), '北:0 京:0 大:0 学:0 在:1')
})

test('labels are those of a search with sets, for any spans of any documents', (t) => {
  const piece = fc.constantFrom('a', 'b', 'c', 'd', '##a', '##b', '##c')
  const documents = fc.array(fc.array(piece, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 3 })
  const cuts = fc.array(fc.tuple(fc.nat(2), fc.nat(24), fc.nat(24)), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(documents, cuts, (texts, given) => {
      const corpus = memoryCorpus(texts.map((pieces) => [pieces.join(' ').replace(/^##/, '')]))
      const places = given.map(([document, from, length]): Place => {
        const index = document % corpus.documentCount
        const count = corpus.document(index).tokens.length
        const start = from % count
        return [index, start, Math.min(start + 1 + length, count)]
      })
      const disjoint = places.filter(
        ([document, start, end], i) =>
          !places.slice(0, i).some(([other, from, to]) => other === document && start < to && from < end),
      )
      const input = inputOf(corpus, disjoint)
      const expected = reference(corpus, input)
      t.true(isDeepStrictEqual(labelsOf(corpus, input), expected))
      t.true(isDeepStrictEqual(labelsOf(withoutCounts(corpus), input), expected))
    }),
    { numRuns: 500 },
  )
})

test('a word that the input has more often than is counted is looked for', (t) => {
  const lengths = fc.tuple(fc.integer({ min: 25, max: 40 }), fc.nat(40), fc.nat(3))
  fc.assert(
    fc.property(fc.array(lengths, { minLength: 2, maxLength: 4 }), fc.nat(9), (runs, at) => {
      // Runs of one word each: some of them in the input, others not.
      const pieces = runs.flatMap(([count, others, word]) => [
        ...Array.from({ length: count }, () => `w${word}`),
        ...Array.from({ length: others }, (_, i) => `o${i}`),
      ])
      const corpus = memoryCorpus([[pieces.join(' ')]])
      const [count, others] = runs[0]
      const input = inputOf(corpus, [[0, Math.min(at, count - 1), count + Math.floor(others / 2)]])
      t.true(isDeepStrictEqual(labelsOf(corpus, input), reference(corpus, input)))
    }),
    { numRuns: 200 },
  )
  const same = memoryCorpus([[`${'a '.repeat(40)}b`]])
  t.is(shown(same, [[0, 0, 40]]), Array.from({ length: 40 }, () => 'a:0').join(' '))
  t.is(shown(same, [[0, 1, 41]]), [...Array.from({ length: 40 }, () => 'a:1').slice(1), 'b:0'].join(' '))
})

test('a word that a sentence task has put in the place of another is looked for as it is', (t) => {
  const corpus = memoryCorpus([['cat dog cat hare cat dog fox']])
  const { tokens } = corpus.document(0)
  const [cat, dog, hare, fox] = [0, 1, 3, 6].map((token) => tokens[token])
  // cat dog cat hare → fox dog cat cat
  const changed = (ids: number[]) => {
    const input = inputOf(corpus, [[0, 0, 4]])
    for (const [index, id] of ids.entries()) input.ids[1 + index] = id
    return labelsOf(corpus, input).slice(1, -1)
  }
  t.deepEqual(changed([fox, dog, cat, cat]), [1, 1, 1, 1])
  t.deepEqual(changed([hare, dog, cat, hare]), [0, 1, 1, 0])
  t.deepEqual(changed([cat, cat, cat, cat]), [1, 1, 1, 1])
})

test('one task object serves corpora of several vocabularies and inputs of growing length', (t) => {
  const task = tokenDocument()
  const other = memoryCorpus([['x y z', 'y']])
  for (const [corpus, place] of [
    [other, [0, 0, 1]],
    [animals, [0, 0, 10]],
    [other, [0, 0, 3]],
    [animals, [0, 10, 17]],
  ] as const) {
    const input = inputOf(corpus, [[...place] as Place])
    t.deepEqual(labelsOf(corpus, input, { task }), reference(corpus, input))
  }
})

for (const [language, corpus] of [
  ['English', englishCorpus(15)],
  ['Chinese', chineseCorpus()],
] as const) {
  test(`in ${language} text labels are those of sets of words, through reordering and truncation`, (t) => {
    const task = tokenDocument()
    const counts = [0, 0]
    for (const sentence of [null, sentenceReordering(), sentenceDistance()]) {
      for (const maxLength of [48, 128]) {
        const drawn = drawInputs(corpus, sentence, [task, knowledgeMasking()], { count: 40, maxLength })
        for (const [slot, { input, annotations }] of drawn.entries()) {
          const [own, masking] = annotations
          const expected = reference(corpus, input)
          if (slot % 4 === 0) t.deepEqual(labelsOf(withoutCounts(corpus), input), expected)
          for (const position of masking.positions) expected[position] = undefined
          const labels = expected.map(() => undefined as number | undefined)
          own.positions.forEach((position, i) => {
            labels[position] = own.labels[i]
            counts[own.labels[i]]++
          })
          t.true(isDeepStrictEqual(labels, expected))
          t.true(input.words.every((word, position) => word >= 0 || labels[position] === undefined))
        }
      }
    }
    t.true(counts[0] > 1000 && counts[1] > 1000, `${counts}`)
  })
}

test('a document of 100,000 tokens is searched to its ends', (t) => {
  const filler = Array.from({ length: 100_000 }, (_, i) => `w${i % 50}`)
  for (const [at, label] of [
    [0, 1],
    [99_999, 1],
    [50_005, 0],
  ]) {
    const pieces = filler.slice()
    pieces[50_000] = 'rare'
    pieces[at] = 'rare'
    const corpus = memoryCorpus([[pieces.join(' ')]])
    const input = inputOf(corpus, [[0, 50_000, 50_010]])
    for (const each of [corpus, withoutCounts(corpus)]) {
      const labels = labelsOf(each, input)
      t.is(labels[1], label)
      t.is(labels[2], 1)
    }
  }
})

test('wrong options are named', (t) => {
  t.throws(() => tokenDocument({ shortestDocument: -1 }), {
    code: 'TASK_OPTIONS',
    message: /shortestDocument/,
  })
})
