import { createRandom, drawWeighted, type Random } from '../../data/random.ts'
import { EverlearnError } from '../../error.ts'
import type { Stage } from './schedule.ts'

/** What one step trains. */
export interface StepTasks {
  sentenceTask: string | null
  tokenTasks: string[]
  corpus: string
}

/** A corpus of the run: how often it is drawn, relative to others, and for which tasks. */
export interface CorpusShare {
  name: string
  weight: number
  tasks: string[]
  /** First stage in which it is drawn, 0 where it is not given. */
  since?: number
}

export interface StageSampler {
  /** Steps of the stage. */
  length: number
  at(index: number): StepTasks
}

/**
 * Which tasks each step of a stage trains. A stage has M = max(sum of the sentence tasks' budgets, largest budget of a
 * token task) steps. The sentence task of a step is drawn in proportion to what is left of the budgets, none having
 * M − sum; then a corpus that allows it by its weight; each token task that the corpus allows rides along with
 * probability (what is left of it) ÷ (steps left). Token tasks that could not be placed so, because the corpora drawn
 * did not allow them, get token-only steps at the end: every budget is met exactly.
 *
 * @param kinds kind of each task that may have a budget
 * @param stage its number, which with the seed and the number of the step decides every draw
 * @param first number of its first step: other than 0 where budgets are what is left of a stage
 * @throws EverlearnError `TASK_WITHOUT_CORPUS` when no corpus allows a task that has a budget
 */
export function createStageSampler(
  budgets: Stage,
  kinds: Record<string, 'sentence' | 'token'>,
  corpora: CorpusShare[],
  seed: number,
  stage: number,
  first = 0,
): StageSampler {
  const left = new Map(Object.entries(budgets).filter(([, count]) => count > 0))
  const named = [...left.keys()]
  for (const task of named) {
    if (!kinds[task]) throw new RangeError(`the kind of the task ${task} is not given`)
    if (!corpora.some((corpus) => allows(corpus, task))) {
      throw new EverlearnError(
        'TASK_WITHOUT_CORPUS',
        `no corpus of the plan is given to the task ${task}; give it one`,
      )
    }
  }
  const sentences = named.filter((task) => kinds[task] === 'sentence')
  const tokens = named.filter((task) => kinds[task] === 'token')
  const sum = sentences.reduce((total, task) => total + left.get(task)!, 0)
  const most = Math.max(sum, 0, ...tokens.map((task) => left.get(task)!))

  // Few different steps exist; a stage is a list of their numbers.
  const different: StepTasks[] = []
  const numbers = new Map<string, number>()
  const order: number[] = []
  const add = (step: StepTasks) => {
    const key = JSON.stringify(step)
    if (!numbers.has(key)) numbers.set(key, different.push(step) - 1)
    order.push(numbers.get(key)!)
    for (const task of [step.sentenceTask, ...step.tokenTasks]) {
      if (task !== null) left.set(task, left.get(task)! - 1)
    }
  }

  for (let index = 0; index < most; index++) {
    const random = createRandom(seed, 'schedule', stage, first + index)
    const stepsLeft = most - index
    const shares = sentences.map((task) => left.get(task)!)
    const none = stepsLeft - shares.reduce((total, share) => total + share, 0)
    const sentenceTask = sentences[drawWeighted([...shares, none], random)] ?? null
    // In a step without a sentence task the token task that is most behind rides for certain, so no step is empty.
    const wanted = sentenceTask ?? tokens.reduce((a, b) => (left.get(b)! > left.get(a)! ? b : a))
    const corpus = drawCorpus(corpora, (candidate) => allows(candidate, wanted), random)
    const tokenTasks = tokens.filter(
      (task) => random.below(stepsLeft) < left.get(task)! && allows(corpus, task),
    )
    add({ sentenceTask, tokenTasks, corpus: corpus.name })
  }
  const unplaced = () => tokens.filter((task) => left.get(task)! > 0)
  for (let index = most; unplaced().length > 0; index++) {
    const random = createRandom(seed, 'schedule', stage, first + index)
    const tasks = unplaced()
    const corpus = drawCorpus(corpora, (candidate) => tasks.some((task) => allows(candidate, task)), random)
    add({ sentenceTask: null, tokenTasks: tasks.filter((task) => allows(corpus, task)), corpus: corpus.name })
  }

  const table = Uint32Array.from(order)
  return {
    length: table.length,
    at(index) {
      if (!(index >= 0 && index < table.length))
        throw new RangeError(`step ${index} of a stage of ${table.length}`)
      return different[table[index]]
    },
  }
}

const allows = ({ tasks }: CorpusShare, task: string) => tasks.includes(task)

function drawCorpus(
  corpora: CorpusShare[],
  allowed: (corpus: CorpusShare) => boolean,
  random: Random,
): CorpusShare {
  const weights = corpora.map((corpus) => (allowed(corpus) ? corpus.weight : 0))
  return corpora[drawWeighted(weights, random)]
}
