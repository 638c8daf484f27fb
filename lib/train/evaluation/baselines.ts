import type { DrawnInput } from '../../data/draw.ts'
import { accuracy } from '../../metrics/accuracy.ts'
import { confusionOf } from '../../metrics/confusion.ts'
import { classScores } from '../../metrics/f1.ts'
import { macroF1 } from '../../metrics/macro-f1.ts'
import type { RunSetup } from '../setup.ts'
import type { Baseline } from './evaluation.ts'
import { countHabits, type Habits, judgeHabit } from './habit.ts'
import { type Unigram, unigramOf } from './unigram.ts'

/** Training text that habits are learned from: the words that matter are in it, and it takes seconds. */
const habitTokens = 2_000_000

/** What tasks can reach without learning from context. What is counted in the training text is counted once. */
export interface Baselines {
  /** Of labels that are tokens. */
  unigram(task: string, labels: number[]): Promise<Baseline>
  /** Of classes of the tokens of some inputs. */
  habit(task: string, classes: number, inputs: Iterable<DrawnInput>): Promise<Baseline>
  /** Of classes of inputs. */
  chance(classes: number, labels: number[]): Baseline
}

export function createBaselines({ source, shares }: Pick<RunSetup, 'source' | 'shares'>): Baselines {
  const unigrams = new Map<string, Promise<Unigram>>()
  const habits = new Map<string, Promise<Habits>>()
  const sharesOf = (task: string) => shares.filter(({ tasks }) => tasks.includes(task))

  return {
    async unigram(task, labels) {
      const corpora = sharesOf(task).map(({ name }) => source.corpora[name])
      const { surprisal, mode } = await once(unigrams, task, () =>
        unigramOf(corpora, corpora[0].vocabulary.size),
      )
      return {
        name: 'unigram',
        loss: labels.reduce((sum, label) => sum + surprisal[label], 0) / labels.length,
        accuracy: labels.filter((label) => label === mode).length / labels.length,
      }
    },

    async habit(task, classes, inputs) {
      const known = await once(habits, task, () =>
        countHabits(source, task, classes, sharesOf(task), habitTokens),
      )
      const { labels, predictions, loss } = judgeHabit(known, inputs)
      const confusion = confusionOf(labels, predictions, classes)
      return {
        name: 'habit',
        loss,
        accuracy: accuracy(confusion),
        macroF1: macroF1(confusion),
        f1: classScores(confusion).map(({ f1 }) => f1),
      }
    },

    chance(classes, labels) {
      return {
        name: 'chance',
        loss: Math.log(classes),
        accuracy: 1 / classes,
        // A class of share p, said as often, has F1 p. No other guessing does better: always the commonest has less.
        macroF1: 1 / new Set(labels).size,
      }
    },
  }
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}
