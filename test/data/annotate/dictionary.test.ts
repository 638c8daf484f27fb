import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import { createAnnotator } from '../../../lib/data/annotate/annotator.ts'
import { createPhraseTrie } from '../../../lib/data/annotate/phrase-trie.ts'
import { wordBounds } from '../../../lib/data/annotate/words.ts'
import type { EverlearnError } from '../../../lib/error.ts'
import { bracketed, oneByOne } from '../../helpers/annotation.ts'
import { scratch } from '../../helpers/directory.ts'

const directory = scratch(test)

function write(content: string | Uint8Array, name = 'own.txt'): string {
  const path = join(directory(), name)
  writeFileSync(path, content)
  return path
}

function matched(
  text: string,
  entries: readonly string[],
  sentenceEnds: readonly number[] = [text.length],
): string {
  const trie = createPhraseTrie()
  for (const entry of entries) trie.add(entry)
  return bracketed(text, trie.match(text, wordBounds(text), sentenceEnds))
}

for (const [what, entries, text] of [
  ['words, not parts of words', ['art'], 'The [art] of an artist, [Art]!'],
  [
    'the longest entry',
    ['new york', 'new york city', 'city'],
    'A [new york city], a [new york] and a [city].',
  ],
  ['from the left', ['a b', 'b c d'], '[a b] c d, [b c d]'],
  ['a longer entry that fails leaves the shorter', ['a', 'a b c'], '[a] b d'],
  ['lower-case entries in any case', ['machine learning'], '[Machine Learning], [MACHINE learning]'],
  ['entries with a capital as they are', ['Apple', 'US'], '[Apple] and apple, APPLE; [US] and us'],
  ['both when both are given', ['Apple', 'apple'], '[Apple], [apple], [APPLE]'],
  [
    'regex characters as they are',
    ['c++ (2011)', '.*', '[a-z]'],
    'Use [c++ (2011)], not C or .[.*] {[[a-z]]} b',
  ],
  ['any number of blanks', ['new york'], '[new   york], [new\u00a0york], new-york, newyork'],
  ['no blank where the entry has none', ['e-mail', 'a.b'], '[e-mail], e - mail, [a.b], a. b'],
  ['Chinese without regard to words', ['学习'], '他[学习]机器[学习]，学 习'],
  ['accents in either form', ['café'], '[café], [cafe\u0301], cafe'],
  ['characters beyond 16 bits', ['𠀀𠀁'], 'x[𠀀𠀁]𠀁'],
] as const) {
  test(`a dictionary finds ${what}`, (t) => {
    t.is(matched(text.replace('{[[a-z]]}', '{[a-z]}').replaceAll(/\[(?!a-z)|(?<!a-z)\]/g, ''), entries), text)
  })
}

test('no entry is found across a sentence end', (t) => {
  t.is(
    matched('in New York. In New York', ['york. in', 'new york'], [13, 24]),
    'in [New York]. In [New York]',
  )
  t.is(matched('in York. In', ['york. in']), 'in [York. In]')
})

test('the tree finds what comparing every entry at every word finds', (t) => {
  const word = fc.constantFrom('a', 'b', 'B', '.')
  const phrase = fc.array(word, { minLength: 1, maxLength: 4 }).map((list) => list.join(' '))
  fc.assert(
    fc.property(fc.array(phrase, { maxLength: 8 }), fc.array(word, { maxLength: 12 }), (entries, words) => {
      const spans: string[] = []
      for (let first = 0; first < words.length; ) {
        let longest = 0
        for (const entry of entries) {
          const length = entry.split(' ').length
          const found = words.slice(first, first + length).join(' ')
          const same = /[A-Z]/.test(entry) ? found === entry : found.toLowerCase() === entry
          if (same) longest = Math.max(longest, length)
        }
        spans.push(longest > 0 ? `[${words.slice(first, first + longest).join(' ')}]` : words[first])
        first += Math.max(longest, 1)
      }
      t.is(matched(words.join(' '), entries), spans.join(' '))
    }),
  )
})

test('entries win over what the library finds, for each kind by itself', async (t) => {
  const own = write('# own names\n\n  Erie is  \r\nThe University\n')
  const annotate = oneByOne(await createAnnotator({ language: 'en', entities: [own] }))
  const text = 'The University of Oxford and Lake Erie is Alan.'
  const { phrases, entities } = annotate(text, [text.length])
  t.is(bracketed(text, entities), '[The University] of Oxford and Lake [Erie is] [Alan].')
  t.is(bracketed(text, phrases), 'The University of Oxford and [Lake Erie] is Alan.')
})

test('Chinese entries make word starts', async (t) => {
  const own = write(gzipSync('大学学\n'), 'own.txt.gz')
  const annotate = oneByOne(await createAnnotator({ language: 'zh', phrases: [own] }))
  const text = '北京大学学习'
  const { words, phrases, entities } = annotate(text, [text.length])
  t.is(bracketed(text, phrases), '北京[大学学]习')
  t.is(bracketed(text, entities), '[北京大学]学习')
  t.deepEqual(words, [0, 2, 4, 5])
})

for (const [what, content, code, message] of [
  [
    'not UTF-8',
    Buffer.from('one\nG\xf6del\n', 'latin1'),
    'DICTIONARY_UNREADABLE',
    /own\.txt is not UTF-8: line 2/,
  ],
  ['a tab', 'one\ntwo\tthree\n', 'DICTIONARY_INVALID', /own\.txt line 2 has a tab/],
  [
    'a control character',
    '\none\u0007\n',
    'DICTIONARY_INVALID',
    /own\.txt line 2 has the control character U\+0007/,
  ],
  ['too many words', `# long\n${'word '.repeat(101)}`, 'DICTIONARY_INVALID', /own\.txt line 2 has 101 words/],
  ['too many characters', '字'.repeat(101), 'DICTIONARY_INVALID', /own\.txt line 1 has 101 words/],
  ['nothing', '', 'DICTIONARY_EMPTY', /own\.txt has no entry/],
  ['remarks only', '# a\n\n  \n', 'DICTIONARY_EMPTY', /own\.txt has no entry/],
] as const) {
  test(`a dictionary with ${what} is refused`, async (t) => {
    const error = await t.throwsAsync(createAnnotator({ language: 'en', phrases: [write(content)] }), {
      message,
    })
    t.is((error as EverlearnError).code, code)
  })
}

test('a dictionary that is not there is named', async (t) => {
  const path = join(directory(), 'missing.txt')
  const error = await t.throwsAsync(createAnnotator({ language: 'zh', entities: [path] }))
  t.is((error as EverlearnError).code, 'DICTIONARY_UNREADABLE')
  t.true(error.message.includes(path))
})

test('a dictionary of 100,000 entries finds every one of them', (t) => {
  const trie = createPhraseTrie()
  const entry = (index: number) => `w${index % 317} x${index % 331} y${index}`
  for (let index = 0; index < 100_000; index++) trie.add(entry(index))
  for (const index of [0, 1, 99_999, 54_321]) {
    const text = `w1 ${entry(index)} y1`
    t.deepEqual(trie.match(text, wordBounds(text), [text.length]), [3, 3 + entry(index).length])
  }
})
