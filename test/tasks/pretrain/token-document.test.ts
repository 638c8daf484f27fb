import test from 'ava'
import { tokenDocument } from '../../../tasks/pretrain/token-document.ts'
import { corpusFromDocuments, smallVocabulary } from '../../helpers/corpus.ts'
import { memoryCorpus } from '../../helpers/memory-corpus.ts'
import { expectedLabels, inputOf, labelsOf, type Place, shown } from '../../helpers/word-labels.ts'

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
    t.deepEqual(labelsOf(corpus, input, { task }), expectedLabels(corpus, input))
  }
})

test('wrong options are named', (t) => {
  t.throws(() => tokenDocument({ shortestDocument: -1 }), {
    code: 'TASK_OPTIONS',
    message: /shortestDocument/,
  })
})
