import test from 'ava'
import { type Corpus, TokenFlag } from '../../../lib/data/corpus.ts'
import { layOut } from '../../../lib/data/layout.ts'
import { createRandom } from '../../../lib/data/random.ts'
import type { Input } from '../../../lib/data/task.ts'
import { readVocabulary } from '../../../lib/tokenizer/vocabulary.ts'
import { knowledgeMasking } from '../../../tasks/pretrain/knowledge-masking.ts'
import { sentenceDistance } from '../../../tasks/pretrain/sentence-distance.ts'
import { sentenceReordering } from '../../../tasks/pretrain/sentence-reordering.ts'
import { corpusFromDocuments, smallVocabulary } from '../../helpers/corpus.ts'
import { drawInputs, isLikely, placesOf } from '../../helpers/draws.ts'
import { annotate, corpus, long, short, times, vocabulary } from '../../helpers/masked-inputs.ts'
import { chineseCorpus, englishDocuments } from '../../helpers/real-text.ts'

/** The sample text with made-up spans of its sentences: of some the first three words, of some the last two. */
function spannedCorpus(): Corpus {
  const documents = englishDocuments(10).map(({ text }) => {
    const annotations = text.split('\n').map((paragraph) => {
      const phrases = [...paragraph.matchAll(/(?<=^|\. )(\w+ ){3}/g)].map(({ index, 0: { length } }) => [
        index,
        index + length - 1,
      ])
      const entities = [...paragraph.matchAll(/\w+ \w+(?=\.)/g)].map(({ index, 0: { length } }) => [
        index,
        index + length,
      ])
      return { phrases: phrases.flat(), entities: entities.flat() }
    })
    return { text, annotations }
  })
  const real = readVocabulary('examples/quickstart/data/vocab.txt.gz')
  return corpusFromDocuments(documents, real, { annotated: true })
}

/** Positions of each unit of a level, by the document's own boundaries and spans. */
function unitsOf(real: Corpus, input: Input, level: 'basic' | 'word' | 'phrase' | 'entity'): number[][] {
  const units = new Map<string, number[]>()
  const keys = new Map<number, string[]>()
  const keysOf = (index: number) => {
    const { tokens, flags, phrases, entities } = real.document(index)
    const bit = level === 'basic' ? TokenFlag.basicStart : TokenFlag.wordStart
    let start = 0
    const own: string[] = Array.from(tokens, (_, token) => {
      if (flags[token] & bit) start = token
      return `${index} ${start}`
    })
    const spans = level === 'phrase' ? phrases : level === 'entity' ? entities : []
    for (let span = 0; span < spans.length; span += 2) {
      own.fill(`${index} ${level} ${span}`, spans[span], spans[span + 1])
    }
    return own
  }
  placesOf(real, input).forEach((place, position) => {
    if (!place) return
    if (!keys.has(place.document)) keys.set(place.document, keysOf(place.document))
    const key = keys.get(place.document)![place.token]
    units.set(key, [...(units.get(key) ?? []), position])
  })
  return [...units.values()]
}

test('at the phrase and entity levels spans are drawn whole and other words by themselves', (t) => {
  const phrases = new Int32Array(short.ids.length).fill(-1)
  phrases.fill(0, 1, 4).fill(1, 4, 8)
  const input = { ...short, phrases, entities: phrases.map((phrase) => (phrase === 0 ? -1 : phrase)) }
  const units = {
    phrase: [
      [1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ],
    entity: [[1], [2, 3], [4, 5, 6, 7], [8, 9]],
  }
  for (const level of ['phrase', 'entity'] as const) {
    let drawnUnits = 0
    for (const slot of times(1000)) {
      const drawn = new Set(annotate({ levels: { [level]: 1 } }, input, slot).positions)
      for (const unit of units[level]) {
        const inside = unit.filter((position) => drawn.has(position)).length
        t.true(inside === 0 || inside === unit.length)
        if (inside > 0) drawnUnits++
      }
    }
    const share = drawnUnits / (1000 * units[level].length)
    t.true(Math.abs(share - 0.15) < 0.03, `${level}: ${share}`)
  }
})

test('levels are drawn by their weights', (t) => {
  const phrases = new Int32Array(long.ids.length).fill(0)
  const options = { probability: 0.5, levels: { basic: 1, phrase: 3 } }
  const whole = times(2000).filter((slot) => {
    const count = annotate(options, { ...long, phrases }, slot).positions.length
    return count === 0 || count === 500
  }).length
  t.true(
    Math.abs(whole / 2000 - 0.75) < 5 * Math.sqrt(0.1875 / 2000),
    `${whole / 2000} of the inputs as one phrase`,
  )
})

test('the level that was drawn is named', (t) => {
  for (const level of ['basic', 'word', 'phrase', 'entity'] as const) {
    t.is(annotate({ levels: { [level]: 1 } }, short, 0).unit, level)
  }
})

test('weights of levels change with the stages that are done', (t) => {
  const phrases = new Int32Array(long.ids.length).fill(0)
  const input = { ...long, phrases }
  const task = knowledgeMasking({
    probability: 0.5,
    levels: [
      { from: 0, basic: 1 },
      { from: 1.5, basic: 1, phrase: 1 },
      { from: 2, phrase: 2 },
    ],
  })
  const runs = 1000
  for (const [progress, share] of [
    [0, 0],
    [1.49, 0],
    [1.5, 0.5],
    [1.99, 0.5],
    [2, 1],
    [Number.POSITIVE_INFINITY, 1],
  ]) {
    const whole = times(runs).filter((slot) => {
      const random = createRandom(1, 'schedule', slot)
      const { length } = task.annotate(input, random, { corpus, vocabulary, progress }).positions
      return length === 0 || length === 500
    }).length
    t.true(isLikely(whole, runs, share), `${whole} of ${runs} inputs as one phrase at ${progress}`)
  }
})

test('a schedule draws as its weights alone do', (t) => {
  const weights = { basic: 1, word: 2 }
  for (const slot of times(50)) {
    t.deepEqual(
      annotate({ levels: weights }, short, slot),
      annotate({ levels: [{ from: 0, ...weights }] }, short, slot),
    )
  }
})

for (const [language, real] of [
  ['English', spannedCorpus()],
  ['Chinese', chineseCorpus()],
] as const) {
  test(`in ${language} text units are drawn whole at every level, through reordering and truncation`, (t) => {
    for (const level of ['basic', 'word', 'phrase', 'entity'] as const) {
      const task = knowledgeMasking({ levels: { [level]: 1 }, probability: 0.3 })
      t.notThrows(() => task.check?.(real))
      const units = { drawn: 0, all: 0, long: 0 }
      for (const sentence of [null, sentenceReordering(), sentenceDistance()]) {
        for (const { input, annotations } of drawInputs(real, sentence, [task], { count: 60 })) {
          const drawn = new Set(annotations[0].positions)
          for (const unit of unitsOf(real, input, level)) {
            const count = unit.filter((position) => drawn.has(position)).length
            t.true(count === 0 || count === unit.length)
            units.all++
            if (count > 0) units.drawn++
            if (unit.length > 1) units.long++
          }
          t.true(input.words.every((word, position) => word >= 0 || !drawn.has(position)))
        }
      }
      t.true(isLikely(units.drawn, units.all, 0.3), `${level}: ${units.drawn} of ${units.all}`)
      t.true(units.long > 0)
    }
  })
}

test('Chinese text is masked by characters or by the words of its segmenter', (t) => {
  const chinese = corpusFromDocuments(
    [
      {
        text: '北京大学在上海',
        annotations: [{ words: [0, 4, 5], phrases: [0, 4], entities: [0, 4, 5, 7] }],
      },
    ],
    smallVocabulary([...'北京大学在上海']),
    { language: 'zh', annotated: true },
  )
  const input = layOut(chinese.vocabulary, [{ document: chinese.document(0), start: 0, end: 7 }])
  t.deepEqual([...input.basic], [-1, 0, 1, 2, 3, 4, 5, 6, -1])
  t.deepEqual([...input.words], [-1, 0, 0, 0, 0, 1, 2, 2, -1])
  t.deepEqual([...input.entities], [-1, 0, 0, 0, 0, -1, 1, 1, -1])
  const together = { basic: false, word: true, phrase: true, entity: true }
  for (const [level, whole] of Object.entries(together)) {
    const options = { levels: { [level]: 1 } }
    const drawn = times(300).map((slot) => new Set(annotate(options, input, slot).positions))
    t.true(drawn.some((set) => set.has(1)))
    t.is(
      drawn.every((set) => set.has(1) === set.has(4)),
      whole,
      level,
    )
  }
})

test('a corpus without annotation is refused at levels that need it', (t) => {
  const task = knowledgeMasking({ levels: { basic: 1, entity: 1 } })
  t.throws(() => task.check?.(corpus), {
    code: 'CORPUS_WITHOUT_SPANS',
    message: /entity level.*prepare it with/,
  })
  const later = [
    { from: 0, basic: 1 },
    { from: 1, phrase: 1 },
  ]
  t.throws(() => knowledgeMasking({ levels: later }).check?.(corpus), { message: /phrase level/ })
  t.notThrows(() => knowledgeMasking().check?.(corpus))
  t.notThrows(() => knowledgeMasking({ levels: { word: 1 } }).check?.(corpus))
  const chinese = corpusFromDocuments(['一二'], smallVocabulary([...'一二']), { language: 'zh' })
  t.throws(() => knowledgeMasking({ levels: { word: 1 } }).check?.(chinese), { message: /word level/ })
})
