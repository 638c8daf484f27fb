import test from 'ava'
import fc from 'fast-check'
import { createVocabulary, readVocabulary, type Vocabulary } from '../../lib/tokenizer/vocabulary.ts'
import { createPieceList, createWordPiece, type Encoding } from '../../lib/tokenizer/wordpiece.ts'
import { readLines } from '../helpers/lines.ts'
import { createReferenceTokenizer } from '../helpers/reference-tokenizer.ts'

const english = readVocabulary('examples/quickstart/data/vocab.txt.gz')
const chinese = readVocabulary('test/fixtures/tokenizer/ernie-vocab_zh.txt.gz')

/**
 * Pieces for many single characters and for the letters of test words, so that a difference in normalisation shows in
 * the ids instead of vanishing in `[UNK]`.
 */
const everyCharacter = (() => {
  const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
  for (let code = 0x21; code < 0x30000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const character = String.fromCodePoint(code)
    tokens.push(character, `##${character}`)
  }
  return createVocabulary([...new Set(tokens)])
})()

const settings: { name: string; vocabulary: Vocabulary; lowerCase: boolean }[] = [
  { name: 'English, lower-cased', vocabulary: english, lowerCase: true },
  { name: 'English, cased', vocabulary: english, lowerCase: false },
  { name: 'Chinese, lower-cased', vocabulary: chinese, lowerCase: true },
  { name: 'every character, lower-cased', vocabulary: everyCharacter, lowerCase: true },
  { name: 'every character, cased', vocabulary: everyCharacter, lowerCase: false },
]

const hostile = [
  '',
  ' \t\r\n ',
  'naïve façade Ångström ÉCOLE e\u0301cole E\u0301COLE q\u0301\u0323 \u0301start',
  'İstanbul Iğdır ıI ΑΣ ΟΔΟΣ ΣΑΣ Σ ὈΔΥΣΣΕΎΣ ẞ ß ŉ ǰ ΐ',
  'ﬁne oﬃce ﬀ ﬆ ĳ Ǆ ǅ ǆ Ⅷ ⓐ',
  'emoji 😀😃 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🤣🥲 1️⃣ © ™ ☃︎',
  'a\u0000b \u0001\u001f x\u007fy \ufffd z\u0085w \u000b\u000c a\u00adb zero\u200bwidth\u200d\u200c\ufeff joined',
  'no\u00a0break\u2003em\u2028line\u2029par\u3000ideographic\u1680ogham\u202fnarrow',
  '中文 text混排 。！？「引号」 ﾊﾝｶｸ カタカナ ひらがな が が 한국어 각 \u1100\u1161\u11a8',
  '\u{20000}\u{2a6d6}\u{2a700}\u{2b73f}\u{2b740}\u{2b81f}\u{2b820}\u{2b91f}\u{2b920}\u{2ceaf}\u{2ceb0}\u{30000}\u{2f800}豈切',
  '[MASK] [CLS][SEP] x[PAD]y [unused1] ## ##ing #tag',
  "don't can't rock'n'roll “quoted” ‘single’ en–dash em—dash … 3.14 1,000 a_b $5 €5 50% C++ C# @x ~ ` ^ = + | <b>",
  'a\u0334\u0345\u0300 \u1abf\u0300 c\u08d3\u0316 \u09fe x\u{1d165}\u302e \u{105c9} \u{16121}',
  'مَرْحَبًا שָׁלוֹם สวัสดีครับ नमस्ते বাংলা தமிழ் ਪੰਜਾਬੀ Việt Nam ỆỄ',
  'x'.repeat(100),
  'x'.repeat(101),
  `${'ab'.repeat(5000)} ${'é'.repeat(10_000)} ${'中'.repeat(200)} ${'.'.repeat(300)}`,
  '😀'.repeat(100),
  '😀'.repeat(101),
  'a\u200b'.repeat(100),
  '\u1fef\u037e\u0387\u2126\u212a\u2329',
]

for (const { name, vocabulary, lowerCase } of settings) {
  const wordPiece = createWordPiece(vocabulary, { lowerCase })
  const reference = createReferenceTokenizer(vocabulary, { lowerCase })
  const ids = (text: string) => [...wordPiece.encode(text).ids]

  test(`${name}: hostile lines`, async (t) => {
    const wanted = await reference(hostile)
    for (const [index, line] of hostile.entries()) {
      t.deepEqual(ids(line), wanted[index], JSON.stringify(line.slice(0, 80)))
    }
  })

  test(`${name}: any text`, async (t) => {
    const characters = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...'abcdeXYZ019 ', ...' .,-\'"') },
      { weight: 2, arbitrary: fc.constantFrom(...hostile.join('').slice(0, 900)) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    )
    const text = fc.array(characters, { maxLength: 60 }).map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 20, maxLength: 20 }), async (texts) => {
        t.deepEqual(texts.map(ids), await reference(texts))
      }),
      { numRuns: 30 },
    )
  })

  if (vocabulary !== everyCharacter) continue
  test(`${name}: every code point, inside a word and alone`, async (t) => {
    const texts: string[] = []
    for (let code = 0; code < 0x30000; code += 2) {
      if (code >= 0xd800 && code < 0xe000) continue
      const [first, second] = [String.fromCodePoint(code), String.fromCodePoint(code + 1)]
      texts.push(`a${first}b ${first} a${second}b ${second}`)
    }
    const wanted = await reference(texts)
    const different = texts.filter((text, index) => String(ids(text)) !== String(wanted[index]))
    t.deepEqual(
      different.map((text) => JSON.stringify(text)),
      [],
    )
  })
}

for (const [file, vocabulary] of [
  ['examples/quickstart/data/encyclopedia.txt.gz', english],
  ['examples/quickstart/data/books.txt.gz', english],
  ['examples/quickstart/data/dialogues.txt.gz', english],
  ['test/fixtures/text/chinese-lines.txt.gz', chinese],
] as const) {
  test(`every line of ${file}`, async (t) => {
    const lines = readLines(file)
    const wordPiece = createWordPiece(vocabulary, { lowerCase: true })
    const wanted = await createReferenceTokenizer(vocabulary, { lowerCase: true })(lines)
    t.true(lines.length > 100)
    for (const [index, line] of lines.entries()) {
      t.deepEqual([...wordPiece.encode(line).ids], wanted[index], line)
    }
  })
}

test('unpaired surrogates vanish as U+FFFD does', (t) => {
  const { encode } = createWordPiece(english, { lowerCase: true })
  t.deepEqual(encode('a\ud800b \udc00 c'), encode('ab c'))
})

function words(vocabulary: Vocabulary, { ids, wordStarts, capitals }: Encoding): string[] {
  const found: string[] = []
  ids.forEach((id, index) => {
    if (wordStarts[index]) found.push(`${capitals[index]}`)
    found[found.length - 1] += ` ${vocabulary.tokens[id]}`
  })
  return found
}

test('word starts and capitals are those of the raw words, on every piece', (t) => {
  const { encode } = createWordPiece(english, { lowerCase: true })
  const text = 'The iPhone, McDonald\'s ÉCOLE "Zygomorphism" zygomorphism 3D ǅ'
  t.deepEqual(words(english, encode(text)), [
    '1 the',
    '0 iphone',
    '0 ,',
    '1 mcdonald',
    "0 '",
    '0 s',
    '1 ecole',
    '0 "',
    '1 z ##y ##go ##morphism',
    '0 "',
    '0 z ##y ##go ##morphism',
    '0 3d',
    '1 [UNK]',
  ])
  const capitals = encode(`${'Q'.repeat(101)} Ünïcödé 中A`)
  t.deepEqual(words(english, capitals), ['1 [UNK]', '1 unicode', '0 中', '1 a'])
})

test('Chinese characters are words of their own', (t) => {
  const { encode } = createWordPiece(chinese, { lowerCase: true })
  t.deepEqual(words(chinese, encode('百度Baidu公司，2000年')), [
    '0 百',
    '0 度',
    '1 baidu',
    '0 公',
    '0 司',
    '0 ，',
    '0 2000',
    '0 年',
  ])
})

test('a range between words gives the same pieces as its own text', (t) => {
  const wordPiece = createWordPiece(english, { lowerCase: true })
  const pieces = createPieceList(1)
  wordPiece.append('One naïve sentence. Another one.', 4, 20, pieces)
  const whole = createPieceList()
  wordPiece.append('naïve sentence. ', 0, 16, whole)
  t.deepEqual(pieces.packed.slice(0, pieces.length), whole.packed.slice(0, whole.length))
})

test('many different runs do not change what is remembered', (t) => {
  const wordPiece = createWordPiece(everyCharacter, { lowerCase: true })
  const run = (index: number) => `é${index}`
  const before = wordPiece.encode(run(7))
  for (let index = 0; index < 150_000; index++) wordPiece.encode(run(index))
  t.deepEqual(wordPiece.encode(run(7)), before)
})
