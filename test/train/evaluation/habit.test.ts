import test from 'ava'
import fc from 'fast-check'
import { epochLength } from '../../../lib/data/draw.ts'
import { evaluationInputs } from '../../../lib/data/measure.ts'
import type { DataSource } from '../../../lib/data/source.ts'
import type { TokenTask } from '../../../lib/data/task.ts'
import { createBaselines } from '../../../lib/train/evaluation/baselines.ts'
import { countHabits, judgeHabit } from '../../../lib/train/evaluation/habit.ts'
import { memoryCorpus, piecesOf } from '../../helpers/memory-corpus.ts'

/** Whether a word begins with an upper-case letter, on every piece of it. */
const casing: TokenTask = {
  kind: 'token',
  name: 'casing',
  head: { kind: 'token-classification', classNames: ['lower', 'upper'] },
  annotate(input) {
    const positions = Int32Array.from(input.ids.keys()).filter((position) => input.words[position] >= 0)
    return { positions, labels: positions.map((position) => input.capitals[position]) }
  },
}

const sourceOf = (documents: string[][], corpora = ['books']): DataSource => ({
  seed: 3,
  maxLength: 16,
  corpora: Object.fromEntries(corpora.map((name) => [name, memoryCorpus(documents)])),
  tasks: { casing },
})

test('words have the habits of the training text, all pieces of a word together', async (t) => {
  // Every document has the same text, so every input has: upper is Mai 2 of 3 times and Bo ##nn always, bo never.
  const words = 'Mai Bo ##nn Mai mai bo'
  const train = sourceOf([[words], [words], [words], [words], [words]])
  const inputs = epochLength(train, train.corpora.books)
  // 30 tokens in windows of 16.
  t.is(inputs, 2)
  const habits = await countHabits(train, 'casing', 2, [{ name: 'books', weight: 1 }], 1000)
  t.is(habits.rows.size, 3)
  t.deepEqual(habits.counts.slice(0, 2), [2 * inputs, 4 * inputs])

  const [one] = evaluationInputs(train, 'casing', { corpus: 'books', count: 1 })
  const { vocabulary } = train.corpora.books
  // [MASK] stands for a word that was not seen.
  const ids = [vocabulary.cls, ...['bo', 'mai'].map((word) => vocabulary.id(word)!), vocabulary.mask]
  one.input = { ...one.input, ids: Int32Array.from(ids), words: Int32Array.of(-1, 0, 1, 2) }
  one.annotations = [{ positions: Int32Array.of(1, 2, 3), labels: Int32Array.of(1, 0, 1) }]
  const judged = judgeHabit(habits, [one])
  t.deepEqual(judged.labels, [1, 0, 1])
  // bo is never upper, Mai mostly, and so are most words.
  t.deepEqual(judged.predictions, [0, 1, 1])
  const p = [1 / (2 + 2), (2 + 1) / (6 + 2), (8 + 1) / (12 + 2)]
  t.true(Math.abs(judged.loss + p.reduce((sum, each) => sum + Math.log(each), 0) / 3) < 1e-12)
})

test('the baseline has accuracy and F1 of what habit says', async (t) => {
  const train = sourceOf([['Mai bo Mai bo Mai Mai'], ['Mai bo Mai bo Mai Mai'], ['Mai bo Mai bo Mai Mai']])
  const held = {
    ...train,
    corpora: { books: memoryCorpus([['Mai bo mai Bo bo Mai'], ['Mai bo mai Bo bo Mai']]) },
  }
  const { habit } = createBaselines({
    source: train,
    shares: [{ name: 'books', weight: 1, tasks: ['casing'] }],
  })
  const baseline = await habit('casing', 2, evaluationInputs(held, 'casing', { corpus: 'books', count: 5 }))
  // Mai is said to be upper, bo lower: of each class two are right, one is the other's, in each of the inputs.
  t.is(baseline.name, 'habit')
  t.is(baseline.accuracy, 4 / 6)
  t.deepEqual(baseline.f1, [2 / 3, 2 / 3])
  t.is(baseline.macroF1, 2 / 3)
})

test('corpora give text by their weights, and no more than is asked for', async (t) => {
  const source = sourceOf(
    Array.from({ length: 50 }, () => ['Mai mai mai mai mai mai']),
    ['a', 'b'],
  )
  const seen = async (a: number, b: number, tokens: number) => {
    const corpora = [
      { name: 'a', weight: a },
      { name: 'b', weight: b },
    ]
    const { counts } = await countHabits(source, 'casing', 2, corpora, tokens)
    return counts[1]
  }
  // Each input has one upper-case word and eight tokens, special ones included: 3 + 1 inputs, whole ones.
  t.is(await seen(3, 1, 32), 4)
  t.is(await seen(1, 1, 33), 6)
  // 300 tokens in windows of 16.
  t.is(await seen(1, 1, 1e6), 2 * 19)
})

test('habit is what counting the words of the inputs by hand gives', async (t) => {
  const word = fc.constantFrom('Mai', 'mai', 'Bo ##nn', 'bo ##nn', 'bo', 'Bo', 'du', 'du ##nn')
  const documents = fc.array(fc.array(word, { minLength: 2, maxLength: 30 }), { minLength: 1, maxLength: 8 })
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(documents, documents, async (trained, judged) => {
        // First in both, so that both have the same vocabulary.
        const all = ['mai bo ##nn du']
        const source = sourceOf([all, ...trained.map((words) => [words.join(' ')])])
        const held = sourceOf([all, ...judged.map((words) => [words.join(' ')])])
        const text = (corpus: DataSource, count: number) =>
          [...evaluationInputs(corpus, 'casing', { corpus: 'books', count })].flatMap(({ input }) => {
            const pieces = piecesOf(corpus.corpora.books, input.ids)
            return pieces.flatMap((_, position) => {
              const own = input.words[position]
              if (own < 0) return []
              const whole = pieces.filter((_, other) => input.words[other] === own).join('')
              return [{ word: whole, label: input.capitals[position] }]
            })
          })
        const known = text(source, epochLength(source, source.corpora.books))
        const share = (among: typeof known) => among.filter(({ label }) => label === 1).length
        const naive = text(held, 5).map(({ word, label }) => {
          const own = known.filter((each) => each.word === word)
          const among = own.length > 0 ? own : known
          const upper = share(among)
          const right = label === 1 ? upper : among.length - upper
          const loss = -Math.log((right + 1) / (among.length + 2))
          return { label, prediction: upper > among.length - upper ? 1 : 0, loss }
        })
        const habits = await countHabits(source, 'casing', 2, [{ name: 'books', weight: 1 }], 1e6)
        const found = judgeHabit(habits, evaluationInputs(held, 'casing', { corpus: 'books', count: 5 }))
        const meanLoss = naive.reduce((sum, { loss }) => sum + loss, 0) / naive.length
        return (
          found.labels.join() === naive.map(({ label }) => label).join() &&
          found.predictions.join() === naive.map(({ prediction }) => prediction).join() &&
          Math.abs(found.loss - meanLoss) < 1e-12
        )
      }),
      { numRuns: 50 },
    ),
  )
})
