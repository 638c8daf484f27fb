import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import fc from 'fast-check'
import type { Corpus } from '../../../lib/data/corpus.ts'
import { knowledgeMasking } from '../../../tasks/pretrain/knowledge-masking.ts'
import { sentenceDistance } from '../../../tasks/pretrain/sentence-distance.ts'
import { sentenceReordering } from '../../../tasks/pretrain/sentence-reordering.ts'
import { tokenDocument } from '../../../tasks/pretrain/token-document.ts'
import { drawInputs } from '../../helpers/draws.ts'
import { memoryCorpus } from '../../helpers/memory-corpus.ts'
import { chineseCorpus, englishCorpus } from '../../helpers/real-text.ts'
import { expectedLabels, inputOf, labelsOf, type Place, shown } from '../../helpers/word-labels.ts'

/** The same corpus as an older `prepare` has written it: without counts of words. */
const withoutCounts = (corpus: Corpus): Corpus => ({
  ...corpus,
  document(index) {
    const document = corpus.document(index)
    return { ...document, flags: document.flags.map((flag) => flag & 7) }
  },
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
      const expected = expectedLabels(corpus, input)
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
      t.true(isDeepStrictEqual(labelsOf(corpus, input), expectedLabels(corpus, input)))
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
          const expected = expectedLabels(corpus, input)
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
