import test from 'ava'
import fc from 'fast-check'
import { fitSpans } from '../../../lib/data/annotate/fit-spans.ts'
import { overlay } from '../../../lib/data/annotate/spans.ts'
import { wordBounds } from '../../../lib/data/annotate/words.ts'
import { readVocabulary } from '../../../lib/tokenizer/vocabulary.ts'
import { createPieceList, createWordPiece } from '../../../lib/tokenizer/wordpiece.ts'
import { readLines } from '../../helpers/lines.ts'

const words = (text: string) => {
  const bounds = wordBounds(text)
  return bounds.flatMap((start, index) => (index % 2 === 0 ? [text.slice(start, bounds[index + 1])] : []))
}

test('words of a hand-made text', (t) => {
  t.deepEqual(words(' Don’t  stop，北京x2é! '), ['Don', '’', 't', 'stop', '，', '北', '京', 'x2é', '!'])
  t.deepEqual(words('a𠀀𠀁b😀c\ud800'), ['a', '𠀀', '𠀁', 'b😀c\ud800'])
  t.deepEqual(words(''), [])
})

for (const [file, vocabularyFile] of [
  ['examples/quickstart/data/encyclopedia.txt.gz', 'examples/quickstart/data/vocab.txt.gz'],
  ['test/fixtures/text/chinese-lines.txt.gz', 'test/fixtures/tokenizer/ernie-vocab_zh.txt.gz'],
] as const) {
  test(`the words of ${file} are those of WordPiece`, (t) => {
    const wordPiece = createWordPiece(readVocabulary(vocabularyFile), { lowerCase: true })
    const pieces = createPieceList()
    for (const line of readLines(file).slice(0, 400)) {
      const bounds = wordBounds(line)
      for (let index = 0; index < bounds.length; index += 2) {
        pieces.length = 0
        wordPiece.append(line, bounds[index], bounds[index + 1], pieces)
        const begun = pieces.packed.subarray(0, pieces.length).filter((piece) => piece & 1).length
        // A word of characters that the tokeniser removes has no piece.
        t.true(begun === 1 || /^\p{C}*$/u.test(line.slice(bounds[index], bounds[index + 1])), line)
      }
    }
  })
}

/** Ascending spans that do not overlap, in 0 … 40. */
const spans = fc
  .uniqueArray(fc.nat({ max: 40 }), { maxLength: 12 })
  .map((cuts) => cuts.sort((first, second) => first - second).slice(0, cuts.length & ~1))

test('overlay keeps the strong spans and the weak ones that touch none', (t) => {
  fc.assert(
    fc.property(spans, spans, (strong, weak) => {
      const pairs = (list: number[]) =>
        list.flatMap((start, index) => (index % 2 ? [] : [[start, list[index + 1]]]))
      const kept = pairs(weak).filter(([start, end]) =>
        pairs(strong).every(([from, to]) => to <= start || end <= from),
      )
      const wanted = [...pairs(strong), ...kept].sort((first, second) => first[0] - second[0])
      t.deepEqual(pairs(overlay(strong, weak)), wanted)
    }),
  )
})

test('spans are fitted to words and sentences', (t) => {
  const text = 'New York is big. So is it.'
  const fit = (...given: number[]) => fitSpans(given, wordBounds(text), [17, text.length])
  t.deepEqual(fit(0, 8), [0, 8])
  t.deepEqual(fit(1, 6), [0, 8], 'ends inside words move out')
  t.deepEqual(fit(3, 9), [4, 8], 'blanks are left out')
  t.deepEqual(fit(3, 4, 9, 11), [9, 11], 'nothing but blanks')
  t.deepEqual(fit(0, 5, 5, 11), [0, 8, 9, 11], 'a word belongs to the first span that has a part of it')
  t.deepEqual(fit(12, 22), [12, 16, 17, 22], 'cut at the sentence end')
  t.deepEqual(fit(), [])
})
