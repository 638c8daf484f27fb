import test from 'ava'
import { compareMethods } from '../../../bench/table-7/compare-methods.ts'
import type { SeedFigures } from '../../../bench/table-7/experiment.ts'
import type { Pretrained } from '../../../bench/table-7/pretraining.ts'
import { methods, settingsAt } from '../../../bench/table-7/settings.ts'
import { comparisonSentence, gainSentence, verdictSentence } from '../../../bench/table-7/wording.ts'
import type { Evaluation } from '../../../lib/index.ts'

const [probe] = settingsAt(1).probes
const settings = { ...settingsAt(1), probes: [probe], tasks: ['masking', 'casing'] }

const masking = (stage: number, accuracy: number): Evaluation => ({
  stage,
  step: 10 * stage,
  task: 'masking',
  corpus: 'text',
  sequences: 9,
  labels: 90,
  loss: 6 - accuracy,
  accuracy,
  standardError: 0.01,
  baseline: { name: 'unigram', loss: 6.2, accuracy: 0.05 },
})

/** Figures of one seed: the probe's scores by method, the one not pre-trained last. */
const seedOf = (seed: number, scores: readonly number[]): SeedFigures => ({
  seed,
  pretrained: methods.map(
    (method, index): Pretrained => ({
      method,
      seed,
      steps: 100 * (index + 1),
      tokens: 1000 * (index + seed),
      checkpoint: '',
      // One that forgets a tenth, by one of two seeds more.
      evaluations: [masking(1, 0.3 + seed / 100), masking(2, 0.2)],
    }),
  ),
  probed: Object.fromEntries(
    [...methods, 'none'].map((method, index) => [
      method,
      {
        linear: [{ probe: probe.task.name, seed, score: scores[index], majority: 0.5 }],
        // All alike: nothing can be said.
        'fine-tuned': [{ probe: probe.task.name, seed, score: 0.6, majority: 0.5 }],
      },
    ]),
  ),
})

const outcomesOf = (rows: readonly (readonly number[])[]) => {
  const results = compareMethods(
    settings,
    rows.map((scores, index) => seedOf(index + 1, scores)),
  )
  const { comparisons, verdict } = results.orders.linear
  return { ...results, comparisons, verdict, outcomes: comparisons.map(({ outcome }) => outcome) }
}

test('the order holds where both differences have the same sign in all five seeds', (t) => {
  const holds = outcomesOf([1, 2, 3, 4, 5].map((i) => [0.8 + i / 100, 0.75 + i / 200, 0.7, 0.6]))
  t.deepEqual(holds.outcomes, ['holds', 'holds'])
  t.is(holds.verdict, 'holds')
  t.is(holds.orders['fine-tuned'].verdict, 'undecided')
  t.is(
    verdictSentence(holds),
    "The paper's order of the methods: by linear probes it holds: continual multi-task above multi-task above " +
      'continual; by fine-tuning it is not decided at this size.',
  )
  t.deepEqual(
    holds.comparisons.map(({ better, worse, higher }) => [better, worse, higher]),
    [
      ['continual-multi-task', 'multi-task', 1 / 32],
      ['multi-task', 'continual', 1 / 32],
    ],
  )
})

test('one that stands the other way round, and one that cannot be told', (t) => {
  const reversed = outcomesOf([1, 2, 3, 4, 5].map((i) => [0.7, 0.75 + i / 100, 0.7, 0.6]))
  t.deepEqual(reversed.outcomes, ['reversed', 'holds'])
  t.is(reversed.verdict, 'reversed')
  const mixed = outcomesOf([1, 2, 3, 4, 5].map((i) => [0.8, 0.75 + (i % 2) / 10, 0.7, 0.6]))
  t.deepEqual(mixed.outcomes, ['undecided', 'holds'])
  t.is(mixed.verdict, 'undecided')
  t.regex(
    comparisonSentence(mixed.comparisons[0]),
    /continual multi-task against multi-task: −1\.0 ± 5\.5 points/,
  )
  // No four differences have a probability below 1/16.
  const few = outcomesOf([1, 2, 3, 4].map(() => [0.9, 0.8, 0.7, 0.6]))
  t.is(few.verdict, 'undecided')
  t.regex(verdictSentence(few), /With 4 of the seeds no test can say so/)
})

test('what pre-training changes at all', (t) => {
  const { orders } = outcomesOf([1, 2, 3, 4, 5].map((i) => [0.8 + i / 100, 0.75, 0.5, 0.6 + i / 100]))
  const [first, , last] = orders.linear.gains
  t.is(first.method, 'continual-multi-task')
  t.is(first.higher, 1 / 32)
  t.regex(
    gainSentence(first),
    /^continual multi-task against no pre-training: \+20\.0 ± 0\.0 points.*p = 0\.031$/,
  )
  t.is(last.lower, 1 / 32)
  // All alike: every way to flip signs is as high.
  t.is(orders['fine-tuned'].gains[0].higher, 1)
  t.regex(gainSentence(orders['fine-tuned'].gains[0]), /: 0\.0 ± 0\.0 points, one-sided p = 1\.000$/)
})

test('means over seeds: scores, steps, what was forgotten', (t) => {
  const {
    methods: found,
    baselines,
    maskingUnigram,
  } = outcomesOf([
    [0.8, 0.7, 0.6, 0.5],
    [0.9, 0.7, 0.6, 0.5],
  ])
  const close = (a: number | null | undefined, b: number) =>
    t.true(Math.abs((a as number) - b) < 1e-12, `${a} ${b}`)
  const [first] = found
  close(first.scores.linear.average.mean, 0.85)
  close(first.scores.linear.average.deviation, Math.sqrt(0.005))
  t.deepEqual(first.scores.linear.probes[probe.task.name].values, [0.8, 0.9])
  t.deepEqual([first.steps, first.tokens], [100, 1500])
  close(first.heldOut?.matrix.values[0][0], 0.315)
  close(first.heldOut?.transfer?.mean, -0.115)
  close(first.heldOut?.maskingLoss.mean, 5.8)
  t.is(found[3].method, 'none')
  t.is(found[3].heldOut, undefined)
  t.deepEqual(baselines, { masking: { metric: 'accuracy', value: 0.05 } })
  t.is(maskingUnigram, 6.2)
})
