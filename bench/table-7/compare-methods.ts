import {
  type Evaluation,
  type ForgettingMatrix,
  forgettingOf,
  headlineFigure,
  type Method,
  stages as stagesOf,
} from '../../lib/index.ts'
import type { SeedFigures } from './experiment.ts'
import type { Way } from './probing.ts'
import { methods, type Settings } from './settings.ts'
import { type Comparison, comparePaired, type Spread, spreadOf } from './statistics.ts'

/** Scores by seed, with their mean and deviation. */
export interface Scores extends Spread {
  values: number[]
}

/** What an encoder reaches when it is judged in one way. */
export interface ProbeScores {
  probes: Record<string, Scores>
  /** Over the probes. */
  average: Scores
}

/** What was found out of one method. */
export interface MethodFigures {
  /** `none`: not pre-trained. */
  method: Method | 'none'
  /** Of pre-training, mean over seeds; 0 without. */
  steps: number
  tokens: number
  scores: Record<Way, ProbeScores>
  /** Absent of `none`: held-out metrics of the pre-training tasks. */
  heldOut?: {
    /** Iterations of each task by stage. */
    budgets: Record<string, number>[]
    /** Mean over seeds. */
    matrix: ForgettingMatrix
    /** After the last stage, by task. */
    end: Record<string, Scores>
    /** Mean over the tasks before the last stage of how much their metric changed since their own first stage. */
    transfer: Scores | null
    /** Loss of masking at the end: lower is better. */
    maskingLoss: Scores
  }
}

/** What the paper's order says of two methods, and what came out. */
export interface Judged extends Comparison {
  better: Method
  worse: Method
  /** At 5 %, one-sided. */
  outcome: 'holds' | 'reversed' | 'undecided'
}

export interface Table7 {
  settings: Settings
  seeds: number[]
  methods: MethodFigures[]
  /** By probe: score of always saying the commonest class. */
  majority: Record<string, number>
  /** Without learning from context: by task, the metric's name and what is reached. */
  baselines: Record<string, { metric: string; value: number }>
  maskingUnigram: number
  /** Whether the paper's order of the methods is found, by each way of judging. */
  orders: Record<Way, Order>
}

export interface Order {
  comparisons: Judged[]
  verdict: Judged['outcome']
  /** Each method beside no pre-training. */
  gains: (Comparison & { method: Method })[]
}

const level = 0.05

/** Puts the figures of all seeds together and judges the paper's order by the average of the probes, paired by seed. */
export function compareMethods(settings: Settings, seeds: readonly SeedFigures[]): Table7 {
  const found = [...methods, 'none' as const].map((method) => figuresOf(method, settings, seeds))
  const [first] = seeds
  const last = lastStageOf(first.pretrained[0].evaluations)
  return {
    settings,
    seeds: seeds.map(({ seed }) => seed),
    methods: found,
    majority: Object.fromEntries(first.probed.none.linear.map(({ probe, majority }) => [probe, majority])),
    baselines: Object.fromEntries(
      last.map((evaluation) => {
        const { name, baseline } = headlineFigure(evaluation)
        return [evaluation.task, { metric: name, value: baseline }]
      }),
    ),
    maskingUnigram: maskingOf(last).baseline.loss,
    orders: byWay((way) => orderOf(found, way)),
  }
}

const byWay = <T>(make: (way: Way) => T): Record<Way, T> => ({
  linear: make('linear'),
  'fine-tuned': make('fine-tuned'),
})

function orderOf(found: readonly MethodFigures[], way: Way): Order {
  const averageOf = (method: Method | 'none') =>
    found.find((each) => each.method === method)!.scores[way].average.values
  const comparisons = methods.slice(1).map((worse, index): Judged => {
    const better = methods[index]
    const comparison = comparePaired(averageOf(better), averageOf(worse))
    const outcome =
      comparison.higher <= level ? 'holds' : comparison.lower <= level ? 'reversed' : 'undecided'
    return { better, worse, ...comparison, outcome }
  })
  const outcomes = comparisons.map(({ outcome }) => outcome)
  const verdict =
    (['reversed', 'undecided'] as const).find((outcome) => outcomes.includes(outcome)) ?? 'holds'
  const gains = methods.map((method) => ({ method, ...comparePaired(averageOf(method), averageOf('none')) }))
  return { comparisons, verdict, gains }
}

function figuresOf(
  method: Method | 'none',
  settings: Settings,
  seeds: readonly SeedFigures[],
): MethodFigures {
  const scores = byWay((way): ProbeScores => {
    const probed = seeds.map((seed) => seed.probed[method][way])
    return {
      probes: Object.fromEntries(
        settings.probes.map(({ task: { name } }, index) => [
          name,
          scoresOf(probed.map((each) => each[index].score)),
        ]),
      ),
      average: scoresOf(probed.map((each) => mean(each.map(({ score }) => score)))),
    }
  })
  if (method === 'none') return { method, steps: 0, tokens: 0, scores }

  const runs = seeds.map(({ pretrained }) => pretrained.find((each) => each.method === method)!)
  const matrices = runs.map(({ evaluations }) => forgettingOf(evaluations))
  const [{ tasks, stages, values }] = matrices
  const meanOf = (task: number, stage: number) =>
    values[task][stage] === null ? null : mean(matrices.map((matrix) => matrix.values[task][stage] as number))
  const transfers = matrices.map(({ transfer }) => transfer.mean)
  return {
    method,
    steps: mean(runs.map(({ steps }) => steps)),
    tokens: mean(runs.map(({ tokens }) => tokens)),
    scores,
    heldOut: {
      budgets: stagesOf(settings.tasks, settings.iterations, method),
      matrix: {
        tasks,
        stages,
        values: values.map((row, task) => row.map((_, stage) => meanOf(task, stage))),
      },
      end: Object.fromEntries(
        tasks.map((task, index) => [
          task,
          scoresOf(matrices.map((matrix) => matrix.values[index].at(-1) as number)),
        ]),
      ),
      transfer: transfers.includes(null) ? null : scoresOf(transfers as number[]),
      maskingLoss: scoresOf(runs.map(({ evaluations }) => maskingOf(lastStageOf(evaluations)).loss)),
    },
  }
}

const mean = (values: readonly number[]): number => spreadOf(values).mean
const scoresOf = (values: number[]): Scores => ({ ...spreadOf(values), values })
const lastStageOf = (evaluations: Evaluation[]): Evaluation[] =>
  evaluations.filter(({ stage }) => stage === evaluations[evaluations.length - 1].stage)

const maskingOf = (evaluations: Evaluation[]): Evaluation =>
  evaluations.find(({ baseline }) => baseline.name === 'unigram')!
