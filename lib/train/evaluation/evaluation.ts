import type { ClassScores } from '../../metrics/f1.ts'

/** How well one task is done on held-out text. */
export interface Evaluation {
  /** Stage in which or after which it was measured, from 1. */
  stage: number
  /** Steps of the run that were done. */
  step: number
  task: string
  /** The held-out corpus. */
  corpus: string
  sequences: number
  /** Labels judged. */
  labels: number
  /** Mean of -log p of the labels. */
  loss: number
  accuracy: number
  /** Of an accuracy that is only the baseline's. */
  standardError: number
  /** Mean of the classes' F1, of those that occur. Absent, as `classes`, where the classes are a vocabulary's. */
  macroF1?: number
  /** In the order of the task's class names. */
  classes?: ({ name: string } & ClassScores)[]
  /** Of tasks that have groups of classes, of those groups that occur. */
  groups?: GroupFigures[]
  baseline: Baseline
}

/** How well the classes of a group are told apart where the input shows the group. */
export interface GroupFigures {
  name: string
  /** Labels of the group's classes. */
  labels: number
  /** Share of them for which the likeliest class of the group is right. */
  accuracy: number
  /** 1 / number of its classes. */
  chance: number
}

/** What can be reached without learning anything from context. */
export interface Baseline {
  /**
   * `unigram`, of masking: the training text's distribution of single tokens. `habit`, of classes of tokens: what a
   * token's word is in the training text. `chance`, of classes of inputs: all alike; its macro F1 is that of guessing
   * each class as often as it occurs.
   */
  name: 'unigram' | 'habit' | 'chance'
  loss: number
  accuracy: number
  macroF1?: number
  /** F1 of each class, in their order. */
  f1?: number[]
}
