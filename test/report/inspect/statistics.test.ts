import test from 'ava'
import type { Corpus } from '../../../lib/data/corpus.ts'
import { createRandom } from '../../../lib/data/random.ts'
import { corpusStatistics } from '../../../lib/report/inspect/corpus-statistics.ts'
import { balanceOf } from '../../../lib/report/inspect/task-balance.ts'
import { knowledgeMasking, sentenceDistance } from '../../../tasks/index.ts'
import { corpusFromDocuments, smallVocabulary } from '../../helpers/corpus.ts'
import { labelWords, sourceOf } from '../../helpers/inspected-tasks.ts'

const random = createRandom(1, 'statistics test')
const names = ['apple', 'pear', 'plum', 'fig', 'nut']
const sentence = () =>
  `The ${Array.from({ length: 1 + random.below(12) }, () => names[random.below(5)]).join(' ')}.`
const paragraph = () => Array.from({ length: 1 + random.below(6) }, sentence).join(' ')

/** Two thousand documents, some longer than a window; the first word of a paragraph is a phrase, the second an entity. */
const corpus = corpusFromDocuments(
  Array.from({ length: 2000 }, (_, index) => {
    const text = Array.from({ length: 1 + (index % 50 === 0 ? 40 : random.below(3)) }, paragraph).join('\n')
    return {
      text,
      // `The` is the phrase, the word after it the entity.
      annotations: text
        .split('\n')
        .map((line) => ({ phrases: [0, 3], entities: [4, line.slice(4).search(/[ .]/) + 4] })),
      source: `file-${index % 20}`,
    }
  }),
  smallVocabulary(['the', ...names]),
  { annotated: true },
)

const documentsOf = (from: Corpus) =>
  Array.from({ length: from.documentCount }, (_, index) => from.document(index))

test('figures of a corpus that is sampled whole are those of a plain count', (t) => {
  const found = corpusStatistics(corpus, 1)
  const documents = documentsOf(corpus)
  const lengths = documents.map(({ tokens }) => tokens.length)
  const sentences = documents.flatMap(({ sentences: starts }) =>
    Array.from(starts.subarray(1), (end, index) => end - starts[index]),
  )
  const frequencies = new Map<string, number>()
  const covered = { phrases: 0, entities: 0 }
  for (const document of documents) {
    for (const id of document.tokens) {
      const piece = corpus.vocabulary.tokens[id]
      frequencies.set(piece, (frequencies.get(piece) ?? 0) + 1)
    }
    for (const kind of ['phrases', 'entities'] as const) {
      document[kind].forEach((place, index) => {
        covered[kind] += index % 2 === 0 ? -place : place
      })
    }
  }
  t.true(covered.phrases > 0 && covered.entities > 0)
  t.deepEqual(found.sampled, {
    documents: 2000,
    tokens: corpus.tokenCount,
    sentences: corpus.manifest.counts.sentences,
  })
  t.is(found.documentLengths.longest, Math.max(...lengths))
  t.is(found.documentLengths.count, 2000)
  t.is(found.sentenceLengths.count, sentences.length)
  for (const { from, to, count } of found.sentenceLengths.bins) {
    t.is(count, sentences.filter((length) => length >= from && length <= to).length)
  }
  t.is(found.phraseShare, covered.phrases / corpus.tokenCount)
  t.is(found.entityShare, covered.entities / corpus.tokenCount)
  t.is(found.distinctTokens, frequencies.size)
  t.deepEqual(
    Object.fromEntries(found.frequentTokens.map(({ piece, count }) => [piece, count])),
    Object.fromEntries(frequencies),
  )
  const counts = found.frequentTokens.map(({ count }) => count)
  t.deepEqual(
    counts,
    [...counts].sort((a, b) => b - a),
  )
  t.is(found.sources.length, 12)
  t.is(found.otherSources, 8)
  t.true(found.sources.every(({ documents: each }) => each === 100))
})

/** A corpus as large as it is said to be, of which only what is asked for exists. */
function hugeCorpus(documentCount: number, length: number): { corpus: Corpus; read: Set<number> } {
  const read = new Set<number>()
  const [model] = documentsOf(
    corpusFromDocuments(['The apple. The pear.'], smallVocabulary(['the', ...names])),
  )
  const times = length / model.tokens.length
  const tokens = Uint16Array.from({ length }, (_, index) => model.tokens[index % model.tokens.length])
  const sentences = Uint32Array.from({ length: 2 * times + 1 }, (_, index) => index * 3)
  return {
    read,
    corpus: {
      ...corpus,
      documentCount,
      tokenCount: documentCount * length,
      documentStart: (index) => index * length,
      documentAt: (token) => Math.floor(token / length),
      document(index) {
        read.add(index)
        return {
          ...model,
          index,
          tokens,
          sentences,
          phrases: Uint32Array.of(0, 3),
          source: `file-${index % 3}`,
        }
      },
    },
  }
}

test('of a huge corpus a sample is read, the same for a seed', (t) => {
  const { corpus: huge, read } = hugeCorpus(5_000_000, 600)
  const found = corpusStatistics(huge, 7)
  t.deepEqual(found.sampled.documents, 10_000)
  t.deepEqual(found.sampled.tokens, 2000 * 512)
  t.true(read.size <= 10_000 + 2 * 2000)
  t.deepEqual(found.documentLengths.bins, [{ from: 512, to: 1023, count: 10_000 }])
  // One in 200 tokens is in a phrase, at the start of each document: a sample of windows must come near.
  t.true(Math.abs(found.phraseShare - 3 / 600) < 0.001, String(found.phraseShare))
  t.is(found.sentenceLengths.mean, 3)
  t.true(Math.abs(found.sampled.sentences - (2000 * 512) / 3) < 2000)
  t.deepEqual(corpusStatistics(huge, 7), found)
  t.notDeepEqual(corpusStatistics(huge, 8).sources, found.sources)
})

test('labels of pairs are counted, each by its name', (t) => {
  const pair = (label: string) => ({ text: 'The apple.\nThe pear.', label })
  const pairs = corpusFromDocuments(['a', 'b', 'a'].map(pair), smallVocabulary(['the', ...names]), {
    kind: 'pairs',
  })
  t.deepEqual(corpusStatistics(pairs, 1).labels, [
    { name: 'a', documents: 2 },
    { name: 'b', documents: 1 },
  ])
  const refusal = balanceOf(sourceOf(pairs, [knowledgeMasking()]), {
    corpus: 'corpus',
    task: 'knowledge-masking',
    count: 10,
    progress: 0,
  })
  t.is(refusal.refused, 'meant for corpora of text; this is one of pairs')
  t.is(refusal.inputs, 0)
})

const balance = (tasks: Parameters<typeof sourceOf>[1], from = corpus, count = 400) =>
  balanceOf(sourceOf(from, tasks, 64), { corpus: 'corpus', task: tasks[0].name, count, progress: 0 })

test('balance of a sentence task', (t) => {
  const { inputs, labels, classes, predicts } = balance([sentenceDistance()])
  t.is(predicts, 'class')
  t.is(inputs, 400)
  t.is(labels, 400)
  t.is(
    classes.reduce((sum, { count }) => sum + count, 0),
    400,
  )
  // A third each is drawn: 400/3 with a standard deviation of 9.4.
  for (const { count } of classes) t.true(Math.abs(count - 400 / 3) < 4 * 9.5, String(count))
})

test('balance of masking: 15 % of the tokens, of which 80 % are hidden, 10 % replaced, 10 % left', (t) => {
  const { labelledShare, classes, labels, predicts } = balance([knowledgeMasking()])
  t.is(predicts, 'tokens')
  t.true(Math.abs(labelledShare - 0.15) < 0.02, String(labelledShare))
  const [mask, other, kept] = classes.map(({ count }) => count / labels)
  t.true(Math.abs(mask - 0.8) < 0.04 && Math.abs(other - 0.1) < 0.04 && Math.abs(kept - 0.1) < 0.04)
})

test('balance of labels of words: every token of the text, one capital a sentence', (t) => {
  const { labelledShare, classes, labels } = balance([labelWords('capitals', ['lower', 'upper'])])
  t.is(labelledShare, 1)
  t.deepEqual(
    classes.map(({ name }) => name),
    ['lower', 'upper'],
  )
  t.is(classes[0].count + classes[1].count, labels)
  const { sentences, tokens } = corpus.manifest.counts
  t.true(Math.abs(classes[1].count / labels - sentences / tokens) < 0.02)
})

test('a task that the corpus cannot serve says why in one line', (t) => {
  const { refused, inputs } = balance(
    [sentenceDistance()],
    corpusFromDocuments(['The apple. The pear.'], smallVocabulary(['the', ...names])),
  )
  t.regex(refused ?? '', /^sentence-distance needs at least two documents[^\n]*$/)
  t.is(inputs, 0)
})
