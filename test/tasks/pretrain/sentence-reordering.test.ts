import test from 'ava'
import type { Corpus } from '../../../lib/data/corpus.ts'
import { createRandom } from '../../../lib/data/random.ts'
import type { Input } from '../../../lib/data/task.ts'
import { capitalization } from '../../../tasks/pretrain/capitalization.ts'
import { knowledgeMasking } from '../../../tasks/pretrain/knowledge-masking.ts'
import { sentenceReordering } from '../../../tasks/pretrain/sentence-reordering.ts'
import { drawInputs, isLikely, placesOf } from '../../helpers/draws.ts'
import { memoryCorpus, numberedDocuments, piecesOf } from '../../helpers/memory-corpus.ts'
import { chineseCorpus, englishCorpus } from '../../helpers/real-text.ts'

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))

/** Σ i! for i < n, plus the rank by the Lehmer code: for each place, how many smaller numbers come later. */
function classOf(order: number[]): number {
  const n = order.length
  let label = 0
  for (let i = 1; i < n; i++) label += factorial(i)
  order.forEach((value, place) => {
    label += order.slice(place + 1).filter((later) => later < value).length * factorial(n - 1 - place)
  })
  return label
}

/** What the pieces of a numbered document show: the sentences of each segment. */
function segmentsOf(corpus: Corpus, input: Input): number[][] {
  const pieces = piecesOf(corpus, input.ids)
  const segments: number[][] = []
  pieces.forEach((piece, position) => {
    if (input.words[position] < 0) return
    const [, sentence, word] = /^d\d+s(\d+)w(\d+)$/.exec(piece)!.map(Number)
    segments[input.segments[position]] ??= []
    if (word === 0) segments[input.segments[position]].push(sentence)
  })
  return segments
}

/** Segments as numbers 0 … n - 1 by where they stood. */
function orderOf(segments: number[][]): number[] {
  const firsts = segments.map(([first]) => first)
  const sorted = [...firsts].sort((a, b) => a - b)
  return firsts.map((first) => sorted.indexOf(first))
}

function drawMany(corpus: Corpus, count: number, maxLength = 512, options = {}): Input[] {
  const task = sentenceReordering(options)
  return Array.from({ length: count }, (_, slot) => {
    const window = createRandom(1, 'window', slot).below(corpus.tokenCount)
    const source = { corpus, vocabulary: corpus.vocabulary, maxLength, window }
    const input = task.draw(source, createRandom(2, 'draw', slot))
    if (!input) throw new Error('nothing was drawn')
    return input
  })
}

const varied = memoryCorpus(
  numberedDocuments(
    Array.from({ length: 30 }, (_, document) => 4 + createRandom(7, document).below(40)),
    (document, sentence) => 1 + createRandom(8, document, sentence).below(12),
  ),
)

test('the classes are the orders of 1 to m segments, 33 for m = 4', (t) => {
  for (const [mostSegments, count] of [
    [2, 3],
    [3, 9],
    [4, 33],
  ] as const) {
    const { classNames } = sentenceReordering({ mostSegments })
    t.is(classNames.length, count)
    classNames.forEach((name, label) => {
      const [number, order] = name.split(': ')
      const places = order.split(' ').map(Number)
      t.is(places.length, Number(number))
      t.is(classOf(places), label)
    })
  }
  const { classNames, groups = [] } = sentenceReordering()
  t.deepEqual(
    groups.map(({ name, classes }) => [name, classes[0], classes.length]),
    [
      ['1 segment', 0, 1],
      ['2 segments', 1, 2],
      ['3 segments', 3, 6],
      ['4 segments', 9, 24],
    ],
  )
  t.deepEqual(
    groups.flatMap(({ classes }) => classes),
    classNames.map((_, label) => label),
  )
  t.deepEqual(
    [0, 1, 2, 3, 8, 9, 32].map((label) => classNames[label]),
    ['1: 0', '2: 0 1', '2: 1 0', '3: 0 1 2', '3: 2 1 0', '4: 0 1 2 3', '4: 3 2 1 0'],
  )
})

test('the label says in which order runs of whole sentences of the document are shown', (t) => {
  for (const input of drawMany(varied, 2000, 96)) {
    t.true(input.ids.length <= 96)
    const segments = segmentsOf(varied, input)
    t.is(input.label, classOf(orderOf(segments)))
    const sentences = segments.flat().sort((a, b) => a - b)
    t.deepEqual(
      sentences,
      sentences.map((_, index) => sentences[0] + index),
      'nothing is missing between segments',
    )
    for (const segment of segments) {
      t.deepEqual(
        segment,
        segment.map((_, index) => segment[0] + index),
      )
    }
    const sizes = segments.map(({ length }) => length)
    t.true(Math.max(...sizes) - Math.min(...sizes) <= 1)
    const words = input.words.filter((word) => word >= 0).length
    const document = varied.document(input.spans[0].document)
    const length = sentences.reduce(
      (sum, sentence) => sum + document.sentences[sentence + 1] - document.sentences[sentence],
      0,
    )
    t.is(words, length, 'sentences are whole')
  }
})

test('the number of segments is uniform, and so is the order of each number', (t) => {
  const labels = drawMany(varied, 6000).map(({ label }) => label!)
  for (let number = 1, first = 0; number <= 4; first += factorial(number++)) {
    const own = labels.filter((label) => label >= first && label < first + factorial(number))
    t.true(isLikely(own.length, labels.length, 1 / 4), `${own.length} of ${number} segments`)
    for (let rank = 0; rank < factorial(number); rank++) {
      const count = own.filter((label) => label === first + rank).length
      t.true(isLikely(count, own.length, 1 / factorial(number)), `class ${first + rank}: ${count}`)
    }
  }
})

test('a segment with one more sentence is as likely at any place of the document', (t) => {
  const even = memoryCorpus(numberedDocuments([7, 7, 7], () => 3))
  const longer = [0, 0, 0, 0]
  let drawn = 0
  for (const input of drawMany(even, 8000)) {
    const segments = segmentsOf(even, input)
    if (segments.length !== 4) continue
    drawn++
    const place = orderOf(segments)[segments.findIndex(({ length }) => length === 1)]
    longer[place]++
  }
  for (const count of longer) t.true(isLikely(count, drawn, 1 / 4), `${longer} of ${drawn}`)
})

test('documents of few sentences have as many segments at most', (t) => {
  for (const sentences of [1, 2, 3]) {
    const corpus = memoryCorpus(numberedDocuments([sentences, sentences], () => 5))
    const numbers = drawMany(corpus, 2000).map((input) => segmentsOf(corpus, input).length)
    for (let number = 1; number <= 4; number++) {
      const count = numbers.filter((each) => each === number).length
      if (number > sentences) t.is(count, 0)
      else t.true(isLikely(count, 2000, 1 / sentences), `${count} of ${number} in ${sentences}`)
    }
  }
})

test('a sentence that does not fit is one segment, cut', (t) => {
  const corpus = memoryCorpus(numberedDocuments([1, 3], () => 100))
  for (const input of drawMany(corpus, 200, 64)) {
    t.is(input.label, 0)
    t.true(input.ids.length <= 64)
    t.true(input.segments.every((segment) => segment === 0))
  }
})

test('the same slot has the same number of segments in any document with enough sentences', (t) => {
  const task = sentenceReordering()
  for (let slot = 0; slot < 50; slot++) {
    const numbers = [0, 0.3, 0.6, 0.9].map((place) => {
      const window = Math.floor(place * varied.tokenCount)
      const source = { corpus: varied, vocabulary: varied.vocabulary, maxLength: 512, window }
      return task.draw(source, createRandom(3, slot))!.spans.length
    })
    t.is(new Set(numbers).size, 1)
  }
})

for (const [language, corpus] of [
  ['English', englishCorpus()],
  ['Chinese', chineseCorpus()],
] as const) {
  test(`in ${language} text the order of the segments is the class, and labels move with their tokens`, (t) => {
    const task = sentenceReordering()
    const tokenTasks = [knowledgeMasking(), ...(language === 'English' ? [capitalization()] : [])]
    let reordered = 0
    for (const drawn of drawInputs(corpus, task, tokenTasks, { count: 400 })) {
      const { input, annotations } = drawn
      const places = placesOf(corpus, input)
      const { sentences, flags, tokens } = corpus.document(input.spans[0].document)
      const starts = input.spans.map(({ start }) => start)
      const sorted = [...input.spans].sort((a, b) => a.start - b.start)
      t.is(new Set(input.spans.map(({ document }) => document)).size, 1)
      sorted.forEach(({ start, end }, index) => {
        if (index > 0) t.is(start, sorted[index - 1].end)
        if (sorted.length > 1) t.true(sentences.includes(start) && sentences.includes(end))
      })
      const order = starts.map((start) => sorted.findIndex((span) => span.start === start))
      t.is(task.classNames[input.label!], `${order.length}: ${order.join(' ')}`)
      if (order.some((from, place) => from !== place)) reordered++
      t.deepEqual(
        [...new Set(input.segments)],
        order.map((_, place) => place),
      )
      const [masking, capitals] = annotations
      masking.positions.forEach((position, i) => {
        t.is(masking.labels[i], tokens[places[position]!.token])
      })
      capitals?.positions.forEach((position, i) => {
        t.is(capitals.labels[i], (flags[places[position]!.token] >> 1) & 1)
      })
    }
    t.true(reordered > 100)
  })
}

test('a corpus of single sentences is refused', (t) => {
  const single = memoryCorpus(numberedDocuments([1, 1, 1], () => 4))
  t.throws(() => sentenceReordering().check?.(single), {
    code: 'TASK_NEEDS',
    message: /documents of 2 sentences or more, but none of the 3 documents of \(in memory\)/,
  })
  t.notThrows(() => sentenceReordering().check?.(memoryCorpus(numberedDocuments([1, 2], () => 4))))
})

test('wrong options are named', (t) => {
  for (const mostSegments of [1, 5, 2.5]) {
    t.throws(() => sentenceReordering({ mostSegments }), { code: 'TASK_OPTIONS', message: /mostSegments/ })
  }
})
