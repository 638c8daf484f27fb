import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import type * as Tokenizers from 'tokenizers'
import { createRandom } from '../../lib/data/random.ts'
import { coverageOfText } from '../../lib/tokenizer/coverage.ts'
import { normalizedWords } from '../../lib/tokenizer/normalize.ts'
import { trainVocabulary } from '../../lib/tokenizer/train-vocabulary.ts'
import { createVocabulary, readVocabulary, vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { createWordPiece } from '../../lib/tokenizer/wordpiece.ts'
import { readLines } from '../helpers/lines.ts'
import { naiveCounts, naivePieces } from '../helpers/naive-wordpiece.ts'
import { createReferenceTokenizer } from '../helpers/reference-tokenizer.ts'
import { temporaryFolder } from '../helpers/tiny-run.ts'

const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
const english = readLines('examples/quickstart/data/encyclopedia.txt.gz').slice(0, 800)
const chinese = readLines('test/fixtures/text/chinese-lines.txt.gz')

const repeat = (word: string, count: number) => Array<string>(count).fill(word).join(' ')

test('the example of Sennrich et al.: low, lower, newest, widest', async (t) => {
  const text = [repeat('low', 5), repeat('lower', 2), repeat('newest', 6), repeat('widest', 3)]
  const train = async (size: number, minCount: number) =>
    (await trainVocabulary(text, { size, minCount, lowerCase: true })).vocabulary.tokens
  const alphabet = [...'deilnorstw', ...[...'deiorstw'].map((character) => `##${character}`)]
  const often = ['##es', '##est', 'lo', 'low', 'ne', '##west', 'newest', 'wi', '##dest', 'widest']
  const rare = ['##er', 'lower']
  t.deepEqual(await train(100, 3), [...specials, ...alphabet, ...often])
  t.deepEqual(await train(100, 2), [...specials, ...alphabet, ...often, ...rare])
  t.deepEqual(await train(25, 1), [...specials, ...alphabet, '##es', '##est'])
})

const smallWord = fc.string({ unit: fc.constantFrom(...'aaabbc'), minLength: 1, maxLength: 8 })
const anyWord = fc.string({
  unit: fc.constantFrom(...'abcdefghABé中ß', '😀', '\u{10400}'),
  minLength: 1,
  maxLength: 8,
})

test('agrees with the naive trainer on every text', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(smallWord, anyWord), { minLength: 1, maxLength: 40 }),
      fc.record({
        room: fc.nat(60),
        minCount: fc.integer({ min: 1, max: 4 }),
        alphabet: fc.integer({ min: 1, max: 14 }),
        lowerCase: fc.boolean(),
      }),
      async (words, { room, minCount, alphabet, lowerCase }) => {
        const text = words.join(' ')
        const counts = naiveCounts(normalizedWords(text, lowerCase).map((word) => word.text))
        const least = naivePieces(counts, { size: 0, minCount, alphabet }).length
        const expected = naivePieces(counts, { size: least + room, minCount, alphabet })
        const options = { size: 5 + least + room, minCount, alphabet, lowerCase }
        const { vocabulary } = await trainVocabulary([text], options)
        t.deepEqual(vocabulary.tokens, [...specials, ...expected])
      },
    ),
    { numRuns: 200, seed: 1 },
  )
})

test('agrees with the naive trainer on real text', async (t) => {
  const text = english.slice(0, 20)
  const counts = naiveCounts(text.flatMap((line) => normalizedWords(line, true).map((word) => word.text)))
  const expected = naivePieces(counts, { size: 295, minCount: 2, alphabet: 1000 })
  const { vocabulary } = await trainVocabulary(text, { size: 300, lowerCase: true })
  t.deepEqual(vocabulary.tokens, [...specials, ...expected])
})

test('agrees with the trainer of HuggingFace', async (t) => {
  const file = path.join(temporaryFolder(t), 'text.txt')
  writeFileSync(file, english.join('\n'))
  const { bertNormalizer, bertPreTokenizer, Tokenizer, WordPiece } = createRequire(import.meta.url)(
    'tokenizers',
  ) as typeof Tokenizers
  const tokenizer = new Tokenizer(WordPiece.empty())
  tokenizer.setNormalizer(bertNormalizer())
  tokenizer.setPreTokenizer(bertPreTokenizer())
  // Without special pieces, 30,000 or as many as there are; its order of pairs equally common changes from run to run.
  tokenizer.train([file])
  const theirs = Object.entries(tokenizer.getVocab()).sort(([, a], [, b]) => a - b)

  const size = 4000
  const { vocabulary } = await trainVocabulary(english, { size: size + 5, lowerCase: true, minCount: 1 })
  const ours = new Set(vocabulary.tokens.slice(5))
  t.is(ours.size, size)
  const common = theirs.slice(0, size).filter(([piece]) => ours.has(piece)).length
  t.true(common / size > 0.98, `${common} of ${size}`)
})

for (const { name, text, size, alphabet } of [
  { name: 'English', text: english, size: 3000, alphabet: 1000 },
  { name: 'Chinese', text: chinese, size: 8000, alphabet: 8000 },
]) {
  for (const lowerCase of [true, false]) {
    test(`${name}, ${lowerCase ? 'lower-cased' : 'cased'}: whole alphabet, nothing unknown, any order`, async (t) => {
      const options = { size, alphabet, lowerCase, minCount: 1 }
      const { vocabulary, characters } = await trainVocabulary(text, options)
      const words = text.flatMap((line) => normalizedWords(line, lowerCase).map((word) => word.text))
      const letters = new Set(words.flatMap((word) => [...word]))
      t.is(characters.found, letters.size)
      t.is(characters.kept, letters.size)
      for (const letter of letters) t.not(vocabulary.id(letter), undefined, letter)

      const wordPiece = createWordPiece(vocabulary, { lowerCase })
      for (const line of text) t.false(wordPiece.encode(line).ids.includes(vocabulary.unknown), line)

      const random = createRandom(3, 'order')
      const shuffled = [...text]
        .map((line) => ({ line, key: random.below(2 ** 30) }))
        .sort((a, b) => a.key - b.key)
        .map(({ line }) => line)
      const again = await trainVocabulary(shuffled, options)
      t.is(again.vocabulary.sha256, vocabulary.sha256)
      t.deepEqual(again.coverage, (await trainVocabulary(text, options)).coverage)
      t.is(
        vocabulary.tokens.some((token) => /\p{Lu}/u.test(token) && !specials.includes(token)),
        !lowerCase,
      )
    })
  }
}

test('the size is reached exactly where the text has enough', async (t) => {
  const options = { lowerCase: true, size: 2000 }
  const { vocabulary } = await trainVocabulary(english, options)
  t.is(vocabulary.size, 2000)
  const { vocabulary: longer } = await trainVocabulary(english, { ...options, size: 2500 })
  t.deepEqual(longer.tokens.slice(0, 2000), vocabulary.tokens)
})

test('unused places stand between special pieces and alphabet, and count', async (t) => {
  const { vocabulary } = await trainVocabulary(['aab aab'], { size: 11, unused: 2, lowerCase: true })
  t.deepEqual(vocabulary.tokens, [...specials, '[unused0]', '[unused1]', 'a', 'b', '##a', '##b'])
})

test('hostile text gives a file that reads back the same', async (t) => {
  const hostile = [
    'a\tb\u2028c\u0085d\r\n[MASK] ## ##ing [unused0] \ufeffx\u0000y \ud800 \u{10ffff} İSTANBUL e\u0301 中文\u3000。',
    'x'.repeat(101),
  ]
  for (const lowerCase of [true, false]) {
    const { vocabulary } = await trainVocabulary(hostile, { size: 200, minCount: 1, lowerCase })
    const file = path.join(temporaryFolder(t), 'vocab.txt')
    writeFileSync(file, vocabularyText(vocabulary))
    t.deepEqual(readVocabulary(file).tokens, vocabulary.tokens)
    t.is(readVocabulary(file).sha256, vocabulary.sha256)
  }
})

test('coverage by hand', async (t) => {
  const vocabulary = createVocabulary([...specials, 'one', 'two', '##s', '.'])
  const text = ['One ones.', 'three twos two one.']
  // one | one ##s | . and [UNK] | two ##s | two | one | .
  t.deepEqual(await coverageOfText(text, createWordPiece(vocabulary, { lowerCase: true })), {
    words: 8,
    tokens: 10,
    whole: 5 / 8,
    piecesPerWord: 10 / 8,
    unknown: 1 / 10,
  })
})

for (const { name, text, alphabet } of [
  { name: 'English', text: [...english, `${'x'.repeat(101)} y`], alphabet: 40 },
  { name: 'Chinese', text: chinese, alphabet: 500 },
]) {
  test(`${name}: coverage of the training text is what encoding it gives, here and at HuggingFace`, async (t) => {
    const { vocabulary, coverage } = await trainVocabulary(text, { size: 1500, alphabet, lowerCase: true })
    t.true(coverage.unknown > 0)
    t.deepEqual(await coverageOfText(text, createWordPiece(vocabulary, { lowerCase: true })), coverage)
    const encode = createReferenceTokenizer(vocabulary, { lowerCase: true })
    const ids = (await encode(text)).flat()
    t.is(coverage.tokens, ids.length)
    t.is(coverage.unknown, ids.filter((id) => id === vocabulary.unknown).length / ids.length)
    t.is(coverage.words, text.flatMap((line) => normalizedWords(line, true)).length)
  })
}

test('with too many words for the memory the common ones are learned, and the others told', async (t) => {
  const options = { size: 400, lowerCase: true }
  const all = await trainVocabulary(english, options)
  const some = await trainVocabulary(english, { ...options, mostWords: 500 })
  t.is(all.forgottenWords, 0)
  t.true(some.distinctWords <= 500)
  t.is(some.coverage.words + some.forgottenWords, all.coverage.words)
  t.not(some.vocabulary.id('the'), undefined)
})

const refused: [string, Parameters<typeof trainVocabulary>[1], string[], string, RegExp][] = [
  [
    'no room for the alphabet',
    { size: 10, lowerCase: true, unused: 1 },
    ['abc cba'],
    'VOCABULARY_TOO_SMALL',
    /of 10 pieces has no room for 5 special and 1 unused ones, 3 characters and 3 that continue a word \(##\); give a size of more than 12/,
  ],
  ['no words', { size: 100, lowerCase: true }, ['', ' \t', '\u200b'], 'TEXT_EMPTY', /no word in the text/],
  ['no text', { size: 100, lowerCase: true }, [], 'TEXT_EMPTY', /no word in the text/],
  ['half a piece', { size: 99.5, lowerCase: true }, ['a'], 'OPTION_INVALID', /size is 99\.5/],
  ['no alphabet', { size: 99, alphabet: 0, lowerCase: true }, ['a'], 'OPTION_INVALID', /alphabet is 0/],
  ['no count', { size: 99, minCount: 0, lowerCase: true }, ['a'], 'OPTION_INVALID', /minCount is 0/],
  ['less than no places', { size: 99, unused: -1, lowerCase: true }, ['a'], 'OPTION_INVALID', /unused is -1/],
]
for (const [name, options, text, code, message] of refused) {
  test(`refused: ${name}`, async (t) => {
    await t.throwsAsync(trainVocabulary(text, options), { name: 'EverlearnError', code, message })
  })
}

test('coverage of a text without words is refused', async (t) => {
  const wordPiece = createWordPiece(createVocabulary(specials), { lowerCase: true })
  await t.throwsAsync(coverageOfText([' ', ''], wordPiece), { name: 'EverlearnError', code: 'TEXT_EMPTY' })
})
