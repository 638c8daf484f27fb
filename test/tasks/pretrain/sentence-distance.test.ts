import test from 'ava'
import type { Corpus } from '../../../lib/data/corpus.ts'
import { createRandom } from '../../../lib/data/random.ts'
import { sentenceDistance } from '../../../tasks/pretrain/sentence-distance.ts'
import { memoryCorpus, numberedDocuments, piecesOf } from '../../helpers/memory-corpus.ts'

interface Side {
  document: number
  first: number
  last: number
  tokens: number
  sentences: number
}

interface Drawn {
  label: number
  sides: Side[]
  length: number
}

/** Draws until `count` inputs came, the window and random numbers of each its own. */
function drawMany(corpus: Corpus, count: number, options = {}, maxLength = 512): Drawn[] {
  const task = sentenceDistance(options)
  const drawn: Drawn[] = []
  for (let slot = 0; drawn.length < count && slot < 50 * count; slot++) {
    const window = createRandom(1, 'window', slot).below(corpus.tokenCount)
    const source = { corpus, vocabulary: corpus.vocabulary, maxLength, window }
    const input = task.draw(source, createRandom(2, 'draw', slot))
    if (!input) continue
    const pieces = piecesOf(corpus, input.ids)
    const sides = [0, 1].map((segment) => {
      const own = pieces.filter((_, i) => input.segments[i] === segment && input.words[i] >= 0)
      const places = own.map((piece) => /d(\d+)s(\d+)w/.exec(piece)!.slice(1).map(Number))
      const sentences = places.map(([, sentence]) => sentence)
      const documents = new Set(places.map(([document]) => document))
      if (documents.size !== 1) throw new Error('a side of several documents')
      return {
        document: places[0][0],
        first: sentences[0],
        last: sentences[sentences.length - 1],
        tokens: own.length,
        sentences: new Set(sentences).size,
      }
    })
    drawn.push({ label: input.label!, sides, length: input.ids.length })
  }
  return drawn
}

/** Documents of 3 to 40 sentences of 1 to 30 words. */
const varied = memoryCorpus(
  numberedDocuments(
    Array.from({ length: 40 }, (_, document) => 3 + createRandom(7, document).below(38)),
    (document, sentence) => 1 + createRandom(8, document, sentence).below(30),
  ),
)

test('every label says what the text shows', (t) => {
  for (const { label, sides } of drawMany(varied, 3000)) {
    const [a, b] = sides
    if (label === 0) t.deepEqual([b.document, b.first], [a.document, a.last + 1])
    if (label === 1) {
      t.is(b.document, a.document)
      t.true(
        b.first > a.last + 1 || b.last < a.first - 1,
        `sentences ${a.first}-${a.last} and ${b.first}-${b.last}`,
      )
    }
    if (label === 2) t.not(b.document, a.document)
  }
})

test('the classes come a third each, although not every document can give each', (t) => {
  const labels = drawMany(varied, 3000).map(({ label }) => label)
  for (const label of [0, 1, 2]) {
    const share = labels.filter((each) => each === label).length / labels.length
    t.true(Math.abs(share - 1 / 3) < 0.03, `class ${label}: ${share}`)
  }
})

test('class 1 comes in both orders', (t) => {
  const apart = drawMany(varied, 1000).filter(({ label }) => label === 1)
  const forward = apart.filter(({ sides: [a, b] }) => b.first > a.last).length
  t.true(forward > 0.3 * apart.length && forward < 0.8 * apart.length, `${forward} of ${apart.length}`)
})

test('both sides have the same number of sentences, as many as asked for where the document has them', (t) => {
  for (const { sides } of drawMany(varied, 1000, { sentencesPerSide: 4 }))
    t.is(sides[0].sentences, sides[1].sentences)
  const single = drawMany(varied, 200, { sentencesPerSide: 1 })
  t.true(single.every(({ sides }) => sides.every(({ sentences }) => sentences === 1)))
  const long = memoryCorpus(numberedDocuments([30, 30], () => 5))
  const four = drawMany(long, 200, { sentencesPerSide: 4 })
  t.true(four.every(({ sides }) => sides.every(({ sentences }) => sentences === 4)))
})

test('lengths and places are alike in all classes', (t) => {
  const long = memoryCorpus(
    numberedDocuments(
      Array.from({ length: 30 }, (_, document) => 20 + createRandom(5, document).below(80)),
      (document, sentence) => 1 + createRandom(6, document, sentence).below(30),
    ),
  )
  const drawn = drawMany(long, 6000)
  const figures: [string, (drawn: Drawn) => number][] = [
    ['tokens of the first side', ({ sides }) => sides[0].tokens],
    ['tokens of the second side', ({ sides }) => sides[1].tokens],
    ['first side begins the document', ({ sides }) => Number(sides[0].first === 0)],
    ['second side is near the beginning', ({ sides }) => Number(sides[1].first < 5)],
  ]
  for (const [name, figure] of figures) {
    const classes = [0, 1, 2].map((label) => drawn.filter((each) => each.label === label).map(figure))
    const means = classes.map((values) => values.reduce((a, b) => a + b) / values.length)
    const errors = classes.map((values, i) =>
      Math.sqrt(values.reduce((sum, value) => sum + (value - means[i]) ** 2, 0) / values.length ** 2),
    )
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const limit = 4 * Math.hypot(errors[i], errors[j])
      t.true(Math.abs(means[i] - means[j]) < limit, `${name}: ${means} with errors ${errors}`)
    }
  }
})

test('sides are cut to half an input: the first keeps its end, the second its beginning', (t) => {
  const corpus = memoryCorpus(numberedDocuments([9, 9, 9], () => 50))
  for (const { label, sides, length } of drawMany(corpus, 300, { sentencesPerSide: 2 }, 64)) {
    t.is(length, 63)
    t.deepEqual(
      sides.map(({ tokens }) => tokens),
      [30, 30],
    )
    if (label === 0) t.is(sides[1].first, sides[0].last + 1)
  }
})

test('the same slot on another document has the same class', (t) => {
  const task = sentenceDistance()
  for (let slot = 0; slot < 50; slot++) {
    const labels = [0, 0.3, 0.6, 0.9].flatMap((place) => {
      const window = Math.floor(place * varied.tokenCount)
      const source = { corpus: varied, vocabulary: varied.vocabulary, maxLength: 128, window }
      const input = task.draw(source, createRandom(3, slot))
      return input ? [input.label] : []
    })
    t.true(labels.length > 1)
    t.is(new Set(labels).size, 1)
  }
})

test('documents too short for all classes give nothing, and a corpus of them is refused', (t) => {
  const corpus = memoryCorpus(numberedDocuments([2, 2, 1, 30], () => 4))
  const task = sentenceDistance()
  for (let window = 0; window < 20; window++) {
    const source = { corpus, vocabulary: corpus.vocabulary, maxLength: 128, window }
    t.is(task.draw(source, createRandom(1, window)), null)
  }
  t.throws(() => task.check?.(corpus), {
    code: 'TASK_NEEDS',
    message: /two documents of 3 sentences.*memory\) has 1/,
  })
  t.notThrows(() => task.check?.(varied))
})

test('wrong options are named', (t) => {
  for (const sentencesPerSide of [0, 1.5, -1]) {
    t.throws(() => sentenceDistance({ sentencesPerSide }), {
      code: 'TASK_OPTIONS',
      message: /sentencesPerSide/,
    })
  }
})
