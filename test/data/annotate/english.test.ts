import test from 'ava'
import { createEnglishAnnotator } from '../../../lib/data/annotate/english.ts'
import { englishSentenceEnds } from '../../../lib/data/sentences-english.ts'
import { bracketed, oneByOne } from '../../helpers/annotation.ts'

const annotate = oneByOne(createEnglishAnnotator())
const marked = (text: string, kind: 'phrases' | 'entities') =>
  bracketed(text, annotate(text, englishSentenceEnds(text))[kind])

for (const text of [
  'The [old man] [had been reading] a [very long letter] from his [younger brother].',
  'She bought [three red apples] and a [well-known cookery book].',
  'Here is a [beating heart]. The [small house] [is gone].',
  'They [don’t know] it, and he [could not have come].',
  '[Mr. Smith] met [Dr. J. K. Jones] there.',
  'She saw the [Polish king Amanullah Khan] in [New York City].',
  'In 1064 Arslan won.',
  'No names or phrases here.',
  'The dog, the cat and the horse were here.',
  '',
]) {
  test(`phrases: ${text || '(nothing)'}`, (t) => t.is(marked(text.replaceAll(/[[\]]/g, ''), 'phrases'), text))
}

for (const text of [
  '[Mr. Smith] met [Dr. J. K. Jones] at the [University of Oxford] on [27 April 1964].',
  "[Alan]'s friend moved to [New York City] in [1998] and paid [$2.5 million] for it.",
  'The [U.S. Army] left [Fort Worth] on [May 5, 2001]. It may go.',
  '[Elizabeth II] visited [Rio de Janeiro]. Then I slept. Stop! Certainly not.',
  "They don't know [O'Brien], who can't read at [5:30 pm] in the [1980s].",
  'He read [Gone With the Wind] by [Margaret Mitchell].',
  '“Please wait,” said [Alan].',
  '[Lake Erie] is cold. [Fairfield] is warm. Ice is cold.',
  'She lives at [2233 Ventura Street] and has 30 cats.',
  '[Gödel] met [Çağrı Bey] and [Nizam al-Mulk] in [Kraków]. [Москва] is large.',
  'Joy left. Nobody saw it.',
  '[Joy] left. Nobody saw [Joy].',
  'I say that I OUGHT to go, and so do I.',
  'nothing here',
  '',
]) {
  test(`entities: ${text || '(nothing)'}`, (t) =>
    t.is(marked(text.replaceAll(/[[\]]/g, ''), 'entities'), text))
}

test('an entity ends with its sentence', (t) => {
  const text = 'We met Alan. Graham came.'
  t.deepEqual(annotate(text, [13, text.length]).entities, [7, 11, 13, 19])
})

test('a paragraph without a sentence end, of any length, is annotated in parts', (t) => {
  const text = 'we saw New York '.repeat(5000)
  const { entities } = annotate(text, [text.length])
  t.is(entities.length, 2 * 5000)
  t.true(entities.every((offset, index) => offset % 16 === (index % 2 === 0 ? 7 : 15)))
})
