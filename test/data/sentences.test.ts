import test from 'ava'
import fc from 'fast-check'
import type { Language } from '../../lib/data/corpus.ts'
import { sentenceSplitters } from '../../lib/data/sentences.ts'
import { readVocabulary } from '../../lib/tokenizer/vocabulary.ts'
import { createPieceList, createWordPiece } from '../../lib/tokenizer/wordpiece.ts'
import { readLines } from '../helpers/lines.ts'

function sentences(language: Language, text: string): string[] {
  let start = 0
  return sentenceSplitters[language](text).map((end) => {
    const sentence = text.slice(start, end)
    start = end
    return sentence
  })
}

/** Texts with a bar where a sentence must end. */
const english = [
  'It rained. |We stayed in. |Did it stop? |Never!',
  'Mr. Smith met Dr. J. K. Jones in Washington. |They talked.',
  'He was born in St. Louis on Jan. 5, 1901. |He died in 1980.',
  'The U.S. Army left at 5 p.m. on Friday. |The U.S. won.',
  'She moved to the U.S. |She liked it there. |It was 5 p.m. |They slept.',
  '“Who is there?” he asked. |“Nobody.” |She laughed.',
  '"Stop!" |He ran. |"Why?" she cried.',
  'He said (and meant it.) |Then he left.',
  'See Fig. 3 and No. 7 in Vol. II. |No. |It is not so.',
  'Animals, e.g. Dogs, i.e. Canis, etc. are here. |Plants etc. |The rest.',
  'Wait . . . what? |Well... |Perhaps… not.',
  'It cost 3.14 dollars at example.com. |Version 2.0 is out. |20 people came.',
  'Apple Inc. and Acme Corp. Ltd. merged. |Acme Inc. |The end.',
  '1. The first item. |2. Another one.',
  'He lived under Henry I. |His son did not.',
  'No end here',
  '',
]
const chinese = [
  '今天下雨。|我们没有出去！|你呢？|好……|再见',
  '他说：“走吧。”|她笑了；|然后走了。',
  '他说："走吧。"|她笑了。|"真的？"|好。|\'不。\'',
  '真的吗？！|（是的。）|好',
  '版本 3.14 发布了。|网址 http://a.com/?id=3 在此。|完',
  '使用 GNU make。|很好！ |It is an English sentence. |And another one。|中文。',
  '没有结尾',
  '',
]
for (const [language, texts] of Object.entries({ en: english, zh: chinese })) {
  for (const marked of texts) {
    test(`${language}: ${marked || '(nothing)'}`, (t) => {
      t.is(sentences(language as Language, marked.replaceAll('|', '')).join('|'), marked)
    })
  }
}

test('sentences make up the whole text', (t) => {
  const text = fc.array(
    fc.oneof(
      fc.constantFrom(...'.!?… "”)。！？；” ABab12', 'Mr', 'etc', 'The', '\u0301', '中'),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(text, fc.constantFrom<Language>('en', 'zh'), (parts, language) => {
      const whole = parts.join('')
      t.is(sentences(language, whole).join(''), whole)
      t.true(sentences(language, whole).every((sentence) => sentence.length > 0))
    }),
  )
})

for (const [language, file, vocabularyFile] of [
  ['en', 'examples/quickstart/data/books.txt.gz', 'examples/quickstart/data/vocab.txt.gz'],
  ['en', 'examples/quickstart/data/encyclopedia.txt.gz', 'examples/quickstart/data/vocab.txt.gz'],
  ['zh', 'test/fixtures/text/chinese-lines.txt.gz', 'test/fixtures/tokenizer/ernie-vocab_zh.txt.gz'],
] as const) {
  test(`no sentence of ${file} cuts a word`, (t) => {
    const wordPiece = createWordPiece(readVocabulary(vocabularyFile), { lowerCase: true })
    const whole = createPieceList()
    const parts = createPieceList()
    let found = 0
    for (const line of readLines(file)) {
      whole.length = 0
      wordPiece.append(line, 0, line.length, whole)
      parts.length = 0
      for (const sentence of sentences(language, line)) {
        wordPiece.append(sentence, 0, sentence.length, parts)
        found++
      }
      t.deepEqual(parts.packed.slice(0, parts.length), whole.packed.slice(0, whole.length), line)
    }
    t.true(found > 300)
  })
}
