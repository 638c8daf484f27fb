import { setImmediate } from 'node:timers/promises'
import { type DrawnInput, epochLength } from '../../data/draw.ts'
import { evaluationInputs } from '../../data/measure.ts'
import type { DataSource } from '../../data/source.ts'
import type { Input } from '../../data/task.ts'

/** How often each class was the label of each word, all of its pieces counted. */
export interface Habits {
  classes: number
  /** Index of a word's row. */
  rows: Map<number | string, number>
  /** [rows, classes], row-major; row 0 is of all words together. */
  counts: number[]
}

/** What each label of some inputs is by the habit of its word. */
export interface JudgedHabit {
  labels: number[]
  predictions: number[]
  /** Mean of -log p of the labels, one added to each count. */
  loss: number
}

/**
 * Counts the labels of a token task by word in training text, as inputs without a sentence task have them.
 *
 * @param corpora of the source, with the share of the text looked at that each is to give
 * @param tokens of text to look at; a corpus is gone through once at most
 */
export async function countHabits(
  source: DataSource,
  task: string,
  classes: number,
  corpora: { name: string; weight: number }[],
  tokens: number,
): Promise<Habits> {
  const habits: Habits = { classes, rows: new Map(), counts: new Array(classes).fill(0) }
  const weights = corpora.reduce((sum, { weight }) => sum + weight, 0)
  for (const { name, weight } of corpora) {
    const count = epochLength(source, source.corpora[name])
    let left = (tokens * weight) / weights
    let inputs = 0
    for (const drawn of evaluationInputs(source, task, { corpus: name, count })) {
      add(habits, drawn)
      left -= drawn.input.ids.length
      if (left <= 0) break
      // Signals and progress must not wait.
      if (++inputs % 64 === 0) await setImmediate()
    }
  }
  return habits
}

/** Predicts each label to be what its word was most often, and words that were not seen to be what most words are. */
export function judgeHabit({ classes, rows, counts }: Habits, inputs: Iterable<DrawnInput>): JudgedHabit {
  const labels: number[] = []
  const predictions: number[] = []
  let loss = 0
  for (const { input, annotations } of inputs) {
    const [annotation] = annotations
    for (const [index, position] of annotation.positions.entries()) {
      const label = annotation.labels[index]
      const row = rows.get(wordAt(input, position)) ?? 0
      const own = counts.slice(row * classes, (row + 1) * classes)
      const total = own.reduce((sum, count) => sum + count, 0)
      labels.push(label)
      predictions.push(own.indexOf(Math.max(...own)))
      loss += Math.log((total + classes) / (own[label] + 1))
    }
  }
  return { labels, predictions, loss: loss / labels.length }
}

function add({ classes, rows, counts }: Habits, { input, annotations }: DrawnInput): void {
  const [annotation] = annotations
  for (const [index, position] of annotation.positions.entries()) {
    const word = wordAt(input, position)
    let row = rows.get(word)
    if (row === undefined) {
      row = rows.size + 1
      rows.set(word, row)
      for (let i = 0; i < classes; i++) counts.push(0)
    }
    counts[annotation.labels[index]]++
    counts[row * classes + annotation.labels[index]]++
  }
}

/** A key for the pieces of the word at a position. */
function wordAt({ ids, words }: Input, position: number): number | string {
  let start = position
  let end = position + 1
  while (start > 0 && words[start - 1] === words[position]) start--
  while (end < words.length && words[end] === words[position]) end++
  return end - start === 1 ? ids[start] : ids.subarray(start, end).join(' ')
}
