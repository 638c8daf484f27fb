import test from 'ava'
import { createRandom } from '../../../lib/data/random.ts'
import { markerNames, noConnective } from '../../../tasks/pretrain/discourse-markers.ts'
import { discourseRelation } from '../../../tasks/pretrain/discourse-relation.ts'
import { corpusFromDocuments, smallVocabulary } from '../../helpers/corpus.ts'
import { drawMany, segmentsOf, upperFirst, vocabularyOf } from '../../helpers/discourse-inputs.ts'

test('there are the 173 markers of Discovery and no connective', (t) => {
  const names = markerNames('en')
  t.is(names.length, 174)
  t.is(new Set(names).size, 174)
  t.is(names[0], noConnective)
  t.deepEqual([...names].sort(), names)
  t.is(new Set(markerNames('zh')).size, markerNames('zh').length)
})

test('rare markers come oftener than in the text, by their balance', (t) => {
  const markers = { however: 100, but: 25, 'as a result': 4 }
  const sentences = Object.entries(markers).flatMap(([marker, count]) =>
    Array.from({ length: count }, () => ['They went away.', `${upperFirst(marker)}, they came back.`]).flat(),
  )
  const corpus = corpusFromDocuments([[sentences]], vocabularyOf(sentences, 'en'))
  for (const [balance, weights] of [
    [1, [100, 25, 4]],
    [0.5, [10, 5, 2]],
    [0, [1, 1, 1]],
  ] as const) {
    const { inputs, classNames } = drawMany(corpus, 4000, { balance })
    t.is(inputs.length, 4000)
    // "They went away" follows a marked sentence: no connective, as often as the commonest marker.
    const expected: Record<string, number> = {
      [noConnective]: weights[0],
      however: weights[0],
      but: weights[1],
      'as a result': weights[2],
    }
    const total = Object.values(expected).reduce((a, b) => a + b, 0)
    for (const [name, weight] of Object.entries(expected)) {
      const share = inputs.filter(({ label }) => classNames[label!] === name).length / inputs.length
      t.true(Math.abs(share - weight / total) < 0.03, `balance ${balance}, ${name}: ${share}`)
    }
  }
})

test('every pair of a class comes, each as often', (t) => {
  const words = ['red', 'green', 'blue', 'white', 'black', 'brown', 'grey', 'pink']
  const documents = words.map((word, index) => [
    ['They went away.', `But they were ${word} ${'very '.repeat(index * 2)}.`, 'They came back.'],
  ])
  const corpus = corpusFromDocuments(documents, vocabularyOf(documents.flat(2), 'en'))
  const { inputs } = drawMany(corpus, 4000, { labels: ['but', noConnective] })
  for (const label of [0, 1]) {
    const own = inputs.filter((input) => input.label === label)
    for (const index of words.keys()) {
      const share = own.filter(({ spans }) => spans[1].document === index).length / own.length
      t.true(Math.abs(share - 1 / words.length) < 0.02, `${label}, ${words[index]}: ${share}`)
    }
  }
})

test('segments that do not fit keep what stands next to the other', (t) => {
  const sentences = [
    'one two three four five six seven.',
    'But one two three four five six seven.',
    'Then it was so.',
  ]
  const corpus = corpusFromDocuments([[sentences]], vocabularyOf(sentences, 'en'))
  const { inputs } = drawMany(corpus, 50, { balance: 0 }, 11)
  const marked = inputs.find(({ label }) => label !== 0)!
  t.deepEqual(segmentsOf(corpus, marked), ['five six seven .', '^one two three four'])
})

const pairs = (rows: [string, string, string?][]) =>
  corpusFromDocuments(
    rows.map(([first, second, label]) => ({ text: [[first], [second]], label })),
    smallVocabulary(
      rows
        .flat()
        .join(' ')
        .toLowerCase()
        .match(/[a-z]+/g)!,
    ),
    { kind: 'pairs' },
  )

test('labelled pairs come as they are, markers included', (t) => {
  const corpus = pairs([
    ['it rained', 'But they left', 'contrast'],
    ['they left', 'it rained', 'cause'],
    ['they stayed', 'it was', undefined],
  ])
  const task = discourseRelation({ labels: ['cause', 'contrast', 'other'] })
  task.check?.(corpus)
  const drawn = [0, 1, 2].map((row) => {
    const source = { corpus, vocabulary: corpus.vocabulary, maxLength: 32, window: corpus.documentStart(row) }
    return task.draw(source, createRandom(1, row))
  })
  t.deepEqual(
    drawn.map((input) => input && [task.classNames[input.label!], ...segmentsOf(corpus, input)]),
    [['contrast', 'it rained', '^but they left'], ['cause', 'they left', 'it rained'], null],
  )
})

test('labels may be spelled as in the files of Discovery', (t) => {
  const corpus = pairs([
    ['it rained', 'they left', 'as_a_result,'],
    ['it rained', 'they left', '[no-conn]'],
    ['it rained', 'they left', 'however'],
  ])
  const task = discourseRelation()
  task.check?.(corpus)
  const labels = [0, 1, 2].map((row) => {
    const source = { corpus, vocabulary: corpus.vocabulary, maxLength: 32, window: corpus.documentStart(row) }
    return task.classNames[task.draw(source, createRandom(1, row))!.label!]
  })
  t.deepEqual(labels, ['as a result', '[no-conn]', 'however'])
})

test('it says what a corpus lacks', (t) => {
  const labelled = pairs([
    ['it rained', 'they left', 'joint'],
    ['it rained', 'they left', 'cause'],
    ['it rained', 'they left', 'however'],
  ])
  t.throws(() => discourseRelation().check?.(labelled), {
    code: 'LABEL_UNKNOWN',
    message: /2 of the 3 labels.*cause, joint;.*labels: \["cause","however","joint"\]/,
  })
  t.throws(() => discourseRelation().check?.(pairs([['it rained', 'they left']])), {
    code: 'LABEL_UNKNOWN',
    message: /no labels/,
  })
  const text = corpusFromDocuments(['It rained all day. They left at noon.'], smallVocabulary())
  t.throws(() => discourseRelation().check?.(text), { code: 'TASK_NEEDS', message: /two classes/ })
  t.throws(() => discourseRelation({ language: 'zh' }).check?.(text), {
    code: 'TASK_LANGUAGE',
    message: /"zh".*"en".*language: 'en'/,
  })
  t.throws(() => discourseRelation({ labels: ['joint', 'cause'] }).check?.(text), {
    code: 'LABEL_UNKNOWN',
    message: /joint, cause/,
  })
})

test('wrong options are named', (t) => {
  for (const [options, message] of [
    [{ labels: ['one'] }, /labels/],
    [{ labels: ['one', 'one'] }, /twice/],
    [{ lengths: [5, 3] }, /lengths/],
    [{ balance: 2 }, /balance/],
    [{ language: 'fr' }, /language/],
    [{ label: ['a', 'b'] }, /label/],
  ] as const) {
    t.throws(() => discourseRelation(options as object), { code: 'TASK_OPTIONS', message })
  }
})
