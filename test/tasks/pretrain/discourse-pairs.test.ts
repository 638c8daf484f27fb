import test from 'ava'
import type { Language } from '../../../lib/data/corpus.ts'
import { corpusFromDocuments } from '../../helpers/corpus.ts'
import { drawMany, segmentsOf, vocabularyOf } from '../../helpers/discourse-inputs.ts'

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
