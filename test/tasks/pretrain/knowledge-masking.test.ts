import test from 'ava'
import { type KnowledgeMaskingOptions, knowledgeMasking } from '../../../tasks/pretrain/knowledge-masking.ts'
import { annotate, long, short, times, vocabulary } from '../../helpers/masked-inputs.ts'

test('labels are the ids that stood there, never of special tokens, and positions ascend', (t) => {
  for (const slot of times(500)) {
    const { positions, labels, ids } = annotate({}, short, slot)
    t.is(labels.length, positions.length)
    t.is(ids?.length, positions.length)
    t.deepEqual(
      [...labels],
      [...positions].map((position) => short.ids[position]),
    )
    t.true(positions.every((position) => short.words[position] >= 0))
    t.true(positions.every((position, i) => i === 0 || position > positions[i - 1]))
  }
})

test('words are drawn whole', (t) => {
  for (const slot of times(500)) {
    const drawn = new Set(annotate({}, short, slot).positions)
    for (let position = 1; position < short.ids.length; position++) {
      if (short.words[position] < 0 || short.words[position] !== short.words[position - 1]) continue
      t.is(drawn.has(position), drawn.has(position - 1))
    }
  }
})

test('15 % of the tokens are expected, 80/10/10 of them masked, random and kept', (t) => {
  const runs = 2000
  const text = long.ids.length - 2
  const counts = { drawn: 0, masked: 0, kept: 0, random: 0 }
  const seen = new Set<number>()
  for (const slot of times(runs)) {
    const { labels, ids } = annotate({}, long, slot)
    counts.drawn += labels.length
    ids?.forEach((id, i) => {
      if (id === vocabulary.mask) counts.masked++
      else if (id === labels[i]) counts.kept++
      else {
        counts.random++
        seen.add(id)
      }
    })
  }
  const near = (count: number, total: number, share: number) =>
    t.true(
      Math.abs(count / total - share) < 5 * Math.sqrt((share * (1 - share)) / total),
      `${count} of ${total}`,
    )
  near(counts.drawn, runs * text, 0.15)
  near(counts.masked, counts.drawn, 0.8)
  near(counts.random, counts.drawn, 0.1)
  near(counts.kept, counts.drawn, 0.1)
  for (const id of [...Array(5).keys(), vocabulary.id('[unused1]')!]) t.false(seen.has(id))
  t.true(seen.size > 0.99 * (vocabulary.size - 6), 'random ids come from the whole vocabulary')
})

test('each unit is drawn by itself: the number of drawn words is binomial', (t) => {
  const counts = times(3000).map((slot) => annotate({}, long, slot).positions.length)
  const mean = counts.reduce((a, b) => a + b) / counts.length
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1)
  const expected = 500 * 0.15 * 0.85
  t.true(
    Math.abs(variance / expected - 1) < 5 * Math.sqrt(2 / counts.length),
    `${variance} against ${expected}`,
  )
})

test('each token of a word has its own fate, or the word has one', (t) => {
  const fates = (options: KnowledgeMaskingOptions) =>
    times(2000).flatMap((slot) => {
      const { positions, ids } = annotate(options, short, slot)
      const fate = [...positions].map((position, i) => (ids![i] === vocabulary.mask ? 'masked' : position))
      // Positions 4 … 6 of the input are one word of three pieces.
      return positions.includes(4) ? [positions.indexOf(4)].map((at) => fate.slice(at, at + 3)) : []
    })
  const mixed = (words: (string | number)[][]) =>
    words.filter((word) => word.includes('masked') && word.some((fate) => fate !== 'masked')).length
  t.is(mixed(fates({ maskPer: 'unit' })), 0)
  t.true(mixed(fates({ maskPer: 'token' })) > 0)
})

test('probability 0 draws nothing and 1 everything but special tokens', (t) => {
  t.is(annotate({ probability: 0 }, short, 0).positions.length, 0)
  t.is(annotate({ probability: 1 }, short, 0).positions.length, 20)
})

test('other random numbers mask anew, the same ones the same', (t) => {
  t.deepEqual(annotate({}, long, 1), annotate({}, long, 1))
  t.notDeepEqual(annotate({}, long, 1).positions, annotate({}, long, 2).positions)
})

test('wrong options are named', (t) => {
  const wrong: [object, RegExp][] = [
    [{ probability: 2 }, /probability/],
    [{ probabilty: 0.1 }, /probabilty/],
    [{ maskPer: 'word' }, /maskPer/],
    [{ levels: {} }, /levels/],
    [{ levels: { phrases: 1 } }, /phrases/],
    [{ levels: [] }, /levels/],
    [{ levels: [{ from: 1, basic: 1 }] }, /from 0/],
    [
      {
        levels: [
          { from: 0, basic: 1 },
          { from: 0, word: 1 },
        ],
      },
      /from a greater number/,
    ],
    [{ levels: [{ from: 0, basic: 1 }, { from: 1 }] }, /above 0[\s\S]*levels\[1\]/],
  ]
  for (const [options, message] of wrong)
    t.throws(() => knowledgeMasking(options), { code: 'TASK_OPTIONS', message })
})
