import test from 'ava'
import { blanksOf } from '../../../lib/report/inspect/blanks.ts'

/** Text, and the words that it is cut into. */
const cases: [string, string][] = [
  ['The cat sat, and (it seems) slept.', 'The|cat|sat|,|and|(|it|seems|)|slept|.'],
  ["It isn't theirs.", "It|isn|'|t|theirs|."],
  ['a well-known one', 'a|well|-|known|one'],
  ['costs $3.5 at 10:30 for 1,000', 'costs|$|3|.|5|at|10|:|30|for|1|,|000'],
  ['今天学了BERT模型，很好。', '今|天|学|了|BERT|模|型|，|很|好|。'],
]

for (const [text, words] of cases) {
  test(`words are put together as in: ${text}`, (t) => {
    const list = words.split('|')
    const blanks = blanksOf(list)
    t.is(list.map((word, index) => (blanks[index] ? ` ${word}` : word)).join(''), text)
  })
}
