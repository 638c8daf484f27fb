import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import type { Corpus, Language } from '../../../lib/data/corpus.ts'
import { sentenceAt } from '../../../lib/data/layout.ts'
import { createRandom } from '../../../lib/data/random.ts'
import { englishSentenceEnds } from '../../../lib/data/sentences-english.ts'
import type { Input } from '../../../lib/data/task.ts'
import { createVocabulary, readVocabulary } from '../../../lib/tokenizer/vocabulary.ts'
import { createWordPiece } from '../../../lib/tokenizer/wordpiece.ts'
import { discourseMarkers, markerNames, noConnective } from '../../../tasks/pretrain/discourse-markers.ts'
import {
  type DiscourseRelationOptions,
  discourseRelation,
} from '../../../tasks/pretrain/discourse-relation.ts'
import { corpusFromDocuments, smallVocabulary } from '../../helpers/corpus.ts'

const file = (name: string) => new URL(`../../../${name}`, import.meta.url)
const textOf = (name: string) => gunzipSync(readFileSync(file(name))).toString('utf8')

/** Inputs of `count` slots, the window and random numbers of each its own. */
function drawMany(corpus: Corpus, count: number, options: DiscourseRelationOptions = {}, maxLength = 128) {
  const task = discourseRelation(options)
  task.check?.(corpus)
  const inputs: Input[] = []
  for (let slot = 0; slot < count; slot++) {
    const window = Math.floor(((slot + 0.5) / count) * corpus.tokenCount)
    const source = { corpus, vocabulary: corpus.vocabulary, maxLength, window }
    const input = task.draw(source, createRandom(2, 'draw', slot))
    if (input) inputs.push(input)
  }
  return { inputs, classNames: task.classNames }
}

/** The pieces of both segments, with a ^ on those of words that count as capitalized. */
function segmentsOf(corpus: Corpus, input: Input): string[] {
  return [0, 1].map((segment) => {
    const own = [...input.ids.keys()].filter((i) => input.segments[i] === segment && input.words[i] >= 0)
    const pieces = own.map((i) => `${input.capitals[i] ? '^' : ''}${corpus.vocabulary.tokens[input.ids[i]]}`)
    return pieces.join(' ')
  })
}

/** The pairs, as `class: second segment`, that one document of the given sentences yields. */
function minedFrom(
  sentences: string[],
  language: Language = 'en',
  vocabulary = vocabularyOf(sentences, language),
): string[] {
  // A second document makes two classes, which the task asks for; what comes of it is left out.
  const filler = {
    en: ['It was so.', 'They left then.', 'But they came back.'],
    zh: ['这是第一句话。', '这是第二句话。', '但是这是第三句。'],
  }
  const corpus = corpusFromDocuments([[sentences], [filler[language]]], vocabulary, { language })
  const { inputs, classNames } = drawMany(corpus, 400, { language, balance: 0 })
  const found = inputs
    .filter((input) => input.spans[1].document === 0)
    .map((input) => `${classNames[input.label!]}: ${segmentsOf(corpus, input)[1]}`)
  return [...new Set(found)].sort()
}

function vocabularyOf(sentences: string[], language: Language) {
  if (language === 'en')
    return smallVocabulary(
      [...sentences, 'they left then was it so came back']
        .join(' ')
        .toLowerCase()
        .match(/[a-z]+/g)!,
    )
  const characters = new Set([...sentences.join(''), ...'这是第一二三句话但。，'])
  return createVocabulary(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...characters])
}

test('there are the 173 markers of Discovery and no connective', (t) => {
  const names = markerNames('en')
  t.is(names.length, 174)
  t.is(new Set(names).size, 174)
  t.is(names[0], noConnective)
  t.deepEqual([...names].sort(), names)
  t.is(new Set(markerNames('zh')).size, markerNames('zh').length)
})

for (const [sentence, expected] of [
  ['However, the door was shut.', 'however: ^the door was shut .'],
  ['However the door was shut.', 'however: ^the door was shut .'],
  ['But he stayed at home.', 'but: ^he stayed at home .'],
  ['As a result, John stayed at home.', 'as a result: ^john stayed at home .'],
  ['On the other hand, he stayed there.', 'on the other hand: ^he stayed there .'],
  // Without a comma these are no connectives.
  ['Now the door was shut.', '[no-conn]: ^now the door was shut .'],
  ['This is the open door.', '[no-conn]: ^this is the open door .'],
  ['This, they say, is it.', 'this: ^they say , is it .'],
  ['Because of this decision he stayed.', '[no-conn]: ^because of this decision he stayed .'],
  // Only whole words.
  ['Andrew stayed at home.', '[no-conn]: ^andrew stayed at home .'],
  ['Furthermore he stayed at home.', 'furthermore: ^he stayed at home .'],
  ['Further, he stayed at home.', 'further: ^he stayed at home .'],
] as const) {
  test(`what it makes of: ${sentence}`, (t) => {
    t.deepEqual(minedFrom(['The house was empty.', sentence]), [expected])
  })
}

for (const [what, sentence] of [
  ['another marker behind it', 'But then, he stayed at home.'],
  ['a quotation behind it', 'But "he stayed" they said.'],
  ['a dash behind it', 'However - he stayed at home.'],
  ['a number behind it', 'However, 20 of them stayed.'],
  ['too few words behind it', 'However, he stayed.'],
  ['too many words', `However, ${'he stayed '.repeat(17)}.`],
  ['a bracket that does not close', 'However, he (stayed at home.'],
  ['brackets that cross', 'However, he (stayed [at) home].'],
  ['a quote that does not close', 'However, he said "so they stayed.'],
  ['mainly names', 'However, John Smith Of London And Paris.'],
  ['mainly numbers', 'However, it was 19292929 x 91838238.'],
  ['nothing behind it', 'However.'],
] as const) {
  test(`no pair comes of ${what}`, (t) => {
    t.deepEqual(minedFrom(['The house was empty.', sentence]), [])
  })
}

test('the first sentence must be plain too, and a document of its own gives no pair with the next', (t) => {
  t.deepEqual(minedFrom(['He said "it.', 'However, the door was shut.']), [])
  t.deepEqual(minedFrom(['However, the door was shut.']), [])
})

for (const [sentence, expected] of [
  ['但是他今天没有来。', '但是: 他 今 天 没 有 来 。'],
  ['但是，他今天没有来。', '但是: 他 今 天 没 有 来 。'],
  ['但他今天没有来。', '但: 他 今 天 没 有 来 。'],
  ['同时，他今天没有来。', '同时: 他 今 天 没 有 来 。'],
  ['同时他今天没有来。', '[no-conn]: 同 时 他 今 天 没 有 来 。'],
  ['也就是说：他今天没有来。', '也就是说: 他 今 天 没 有 来 。'],
] as const) {
  test(`what it makes of: ${sentence}`, (t) => {
    t.deepEqual(minedFrom(['我们昨天见过面了。', sentence], 'zh'), [expected])
  })
}

test('no Chinese pair begins with the particle of its marker', (t) => {
  t.deepEqual(minedFrom(['我们昨天见过面了。', '不过呢，他今天没有来。'], 'zh'), [])
  t.deepEqual(minedFrom(['我们昨天见过面了。', '相反的，他今天没有来。'], 'zh'), [])
})

test('in annotated Chinese text a marker ends where a word ends', (t) => {
  const text = '我们昨天见过面了。所以他今天没有来。然后来的人很多很多。但是他今天没有来。'
  const vocabulary = vocabularyOf([text], 'zh')
  // The segmenter takes 后来 in 然后来 for a word.
  const words = Array.from(text, (_, place) => place).filter((place) => place !== text.indexOf('后来') + 1)
  const corpus = corpusFromDocuments(
    [{ text, annotations: [{ phrases: [], entities: [], words }] }],
    vocabulary,
    { language: 'zh', annotated: true },
  )
  const { inputs, classNames } = drawMany(corpus, 100, { language: 'zh', balance: 0 })
  t.deepEqual(
    [...new Set(inputs.map(({ label }) => classNames[label!]))].sort(),
    ['[no-conn]', '但是', '所以'].sort(),
  )
})

/** What is left of a sentence when its marker is cut off, found in the text itself. */
function cut(sentence: string, language: Language): { marker: string; rest: string } {
  const { bare, withComma } = discourseMarkers[language]
  const longestFirst = [...bare, ...withComma].sort((a, b) => b.length - a.length)
  for (const marker of longestFirst) {
    const comma = language === 'en' ? ',' : '[，,：]'
    const end = language === 'en' ? '(?=[^\\p{L}\\p{N}\\p{M}])' : ''
    const pattern = new RegExp(
      `^\\s*${marker}${end}\\s*(${comma})${bare.includes(marker) ? '?' : ''}\\s*`,
      'iu',
    )
    const match = pattern.exec(sentence)
    if (match) return { marker, rest: sentence.slice(match[0].length) }
  }
  return { marker: noConnective, rest: sentence }
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Draws from documents of known sentences and compares with what the text says. Returns the classes that came. */
function checkAgainstText(
  t: ExecutionContext,
  documents: string[][],
  corpus: Corpus,
  language: Language,
  count: number,
) {
  const { encode } = createWordPiece(corpus.vocabulary, { lowerCase: corpus.manifest.lowerCase })
  const { inputs, classNames } = drawMany(corpus, count, { language })
  t.true(inputs.length > 0.95 * count)
  for (const input of inputs) {
    const [first, second] = input.spans
    const document = corpus.document(second.document)
    const index = sentenceAt(document, second.start)
    const { marker, rest } = cut(documents[second.document][index], language)
    const text = language === 'en' ? upperFirst(rest) : rest
    t.is(classNames[input.label!], marker, documents[second.document][index])
    const wanted = encode(text)
    const length = second.end - second.start
    const { position } = second
    t.deepEqual(input.ids.subarray(position, position + length), wanted.ids.subarray(0, length), text)
    t.deepEqual(
      input.capitals.subarray(position, position + length),
      wanted.capitals.subarray(0, length),
      text,
    )
    t.regex(text.trim(), language === 'en' ? /^\p{Lu}/u : /^\p{L}/u)
    // The first segment is the sentence before it, and nothing else is in the input.
    t.is(first.document, second.document)
    t.is(first.end, document.sentences[index])
    t.is(sentenceAt(document, first.start), index - 1)
    t.is(input.ids.length, first.end - first.start + length + 3)
    t.is(cut(text, language).marker === noConnective || marker === noConnective, true, text)
  }
  return new Set(inputs.map(({ label }) => label))
}

const english = ['encyclopedia', 'books', 'dialogues'].flatMap((kind) =>
  textOf(`examples/quickstart/data/${kind}.txt.gz`)
    .split(/\n\n+/)
    .slice(0, 60)
    .map((document) => document.trim().split('\n').flatMap(sentencesOf)),
)

function sentencesOf(paragraph: string): string[] {
  let start = 0
  return englishSentenceEnds(paragraph).map((end) => {
    const sentence = paragraph.slice(start, end)
    start = end
    return sentence
  })
}

test('on English text every label and every piece of the second segment is what the text says', (t) => {
  const vocabulary = readVocabulary(file('examples/quickstart/data/vocab.txt.gz').pathname)
  const corpus = corpusFromDocuments(
    english.map((document) => [document]),
    vocabulary,
  )
  const classes = checkAgainstText(t, english, corpus, 'en', 1500)
  t.true(classes.size > 40, `${classes.size} classes`)
})

test('the same with a vocabulary that tells small letters from capitals', (t) => {
  const words = new Set(
    english
      .slice(0, 60)
      .flat()
      .join(' ')
      .match(/[A-Za-z]+/g),
  )
  // Some words only in one spelling, so that capitals change the number of their pieces.
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].flatMap((letter) => [letter, `##${letter}`])
  const vocabulary = smallVocabulary([...letters, ...words])
  const corpus = corpusFromDocuments(
    english.slice(0, 60).map((document) => [document]),
    vocabulary,
    { lowerCase: false },
  )
  t.true(checkAgainstText(t, english, corpus, 'en', 600).size > 10)
})

test('on Chinese text every label and every piece of the second segment is what the text says', (t) => {
  const vocabulary = readVocabulary(file('test/fixtures/tokenizer/ernie-vocab_zh.txt.gz').pathname)
  const lines = textOf('test/fixtures/text/chinese-lines.txt.gz').split('\n')
  const documents = lines.map((line) =>
    line.split(/(?<=[。！？；])/).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence)),
  )
  const kept = documents.filter((sentences) => sentences.length > 1)
  const corpus = corpusFromDocuments(
    kept.map((sentences) => [sentences]),
    vocabulary,
    { language: 'zh' },
  )
  t.is(corpus.documentCount, kept.length)
  t.true(checkAgainstText(t, kept, corpus, 'zh', 600).size > 5)
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
