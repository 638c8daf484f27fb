import test from 'ava'
import { layOut } from '../../../lib/data/layout.ts'
import { createRandom } from '../../../lib/data/random.ts'
import type { Input, TokenTask } from '../../../lib/data/task.ts'
import { capitalization } from '../../../tasks/pretrain/capitalization.ts'
import { knowledgeMasking } from '../../../tasks/pretrain/knowledge-masking.ts'
import { sentenceDistance } from '../../../tasks/pretrain/sentence-distance.ts'
import { sentenceReordering } from '../../../tasks/pretrain/sentence-reordering.ts'
import { corpusFromDocuments, smallVocabulary } from '../../helpers/corpus.ts'
import { drawInputs, placesOf, wordsOf } from '../../helpers/draws.ts'
import { piecesOf } from '../../helpers/memory-corpus.ts'
import { englishCorpus, englishDocuments } from '../../helpers/real-text.ts'

const corpus = corpusFromDocuments(
  [[['"The old man, Ångström, saw 3D', 'iPhones in New York.', '3 Apples 北京 §5 Fell']]],
  smallVocabulary(['the', 'old', 'man', 'saw', 'in', 'new', 'york', 'apples', '北', '京']),
)
const { vocabulary } = corpus
const document = corpus.document(0)
const whole = layOut(vocabulary, [{ document, start: 0, end: document.tokens.length }])

/** The pieces that have a label, with it. */
function labelled(input: Input, task: TokenTask, taken?: Int32Array): [string, number][] {
  const context = { corpus, vocabulary, progress: 0, taken }
  const { positions, labels, ids } = task.annotate(input, createRandom(1), context)
  if (ids) throw new Error('capitalization changes no ids')
  const pieces = piecesOf(corpus, input.ids)
  return Array.from(positions, (position, i) => [pieces[position], labels[i]])
}

const spelled = (word: string, label: number): [string, number][] =>
  [...word].map((letter, i) => [i === 0 ? letter : `##${letter}`, label])

const first: [string, number][] = [['the', 1], ['old', 0], ['man', 0], ...spelled('angstrom', 1), ['saw', 0]]
const second: [string, number][] = [...spelled('iphones', 0), ['in', 0], ['new', 1], ['york', 1]]
const third: [string, number][] = [['apples', 1], ...spelled('fell', 1)]

test('every piece of a word has its label; marks, digits, ideographs and unknown words have none', (t) => {
  t.true(piecesOf(corpus, whole.ids).includes('[UNK]'))
  t.deepEqual(labelled(whole, capitalization()), [...first, ...second, ...third])
})

test('the first word of a sentence that has a case can be left out', (t) => {
  const task = capitalization({ sentenceStarts: 'ignore' })
  t.deepEqual(labelled(whole, task), [...first.slice(1), ...second.slice(7), ...third.slice(1)])
})

test('an input that begins inside a sentence does not hold the start of it', (t) => {
  const task = capitalization({ sentenceStarts: 'ignore' })
  const start = 2
  const input = layOut(vocabulary, [
    { document, start: document.sentences[2], end: document.tokens.length },
    { document, start, end: document.sentences[1] },
  ])
  t.deepEqual(labelled(input, task), [...third.slice(1), ...first.slice(1)])
})

test('what is left of a word that an input cuts has no label', (t) => {
  const start = 6
  t.is(piecesOf(corpus, document.tokens.subarray(start, start + 1))[0], '##n')
  const input = layOut(vocabulary, [{ document, start, end: document.sentences[1] }])
  t.deepEqual(labelled(input, capitalization()), [['saw', 0]])
})

test('tokens that another task has changed have no label, the others of the word have', (t) => {
  const pieces = piecesOf(corpus, whole.ids)
  const taken = Int32Array.of(pieces.indexOf('old'), pieces.indexOf('##n'), pieces.indexOf('york'))
  const expected = labelled(whole, capitalization())
  const left = ['old', '##n', 'york'].reduce((rest, piece) => {
    const at = rest.findIndex(([each]) => each === piece)
    return rest.filter((_, i) => i !== at)
  }, expected)
  t.is(left.length, expected.length - 3)
  t.deepEqual(labelled(whole, capitalization(), taken), left)
})

/** Words of a raw text by a rule of its own: runs of letters, marks and digits, or single other characters. */
const rawWords = (text: string) => text.match(/[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu) ?? []

test('in real text labels are those of the raw words, wherever these stand in an input', (t) => {
  const documents = englishDocuments(20)
  const real = englishCorpus(20)
  const capitals = documents.map(({ text }, index) => {
    const raw = rawWords(text)
    const words = wordsOf(real, index)
    // Not all marks of all scripts are cut as this rule cuts them: such documents are left out.
    if (raw.length !== words.length) return null
    const byToken = new Map<number, string>()
    words.forEach(({ from, end }, word) => {
      for (let token = from; token < end; token++) byToken.set(token, raw[word])
    })
    return byToken
  })
  t.true(capitals.filter(Boolean).length >= 0.8 * documents.length)

  const counts = { labels: 0, upper: 0, words: 0 }
  for (const sentence of [null, sentenceReordering(), sentenceDistance()]) {
    for (const drawn of drawInputs(real, sentence, [capitalization(), knowledgeMasking()])) {
      const { input, annotations } = drawn
      const [own, masking] = annotations
      const places = placesOf(real, input)
      const masked = new Set(masking.positions)
      const labels = new Map(Array.from(own.positions, (position, i) => [position, own.labels[i]]))
      t.true(input.words.every((word, position) => word >= 0 || !labels.has(position)))
      for (const [position, place] of places.entries()) {
        const raw = place && capitals[place.document]?.get(place.token)
        if (!place || !raw) continue
        counts.words++
        const hasCase = /^[\p{Lu}\p{Ll}]/u.test(raw) && input.ids[position] !== real.vocabulary.unknown
        const expected = hasCase && !masked.has(position) ? Number(/^\p{Lu}/u.test(raw)) : undefined
        t.is(labels.get(position), expected, raw)
        if (expected === undefined) continue
        counts.labels++
        counts.upper += expected
      }
    }
  }
  t.true(counts.labels > 0.6 * counts.words && counts.upper > 0.05 * counts.labels)
})

test('text without case and text whose case can be seen are refused', (t) => {
  const task = capitalization()
  t.notThrows(() => task.check?.(corpus))
  const chinese = corpusFromDocuments(['北京'], vocabulary, { language: 'zh' })
  t.throws(() => task.check?.(chinese), { code: 'CORPUS_WITHOUT_CASE', message: /no upper and lower case/ })
  const cased = corpusFromDocuments(['the man'], vocabulary, { lowerCase: false })
  t.throws(() => task.check?.(cased), { code: 'CORPUS_CASED', message: /without lower-casing/ })
})

test('wrong options are named', (t) => {
  const options = { sentenceStarts: 'no' } as unknown as { sentenceStarts: 'label' }
  t.throws(() => capitalization(options), { code: 'TASK_OPTIONS', message: /sentenceStarts/ })
})
