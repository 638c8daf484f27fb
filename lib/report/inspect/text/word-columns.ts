import { printable } from '../../text-width.ts'
import { type UnitMark, unitMarks } from '../drawn-units.ts'
import type { InspectedTask, SampleSegment, SampleWord } from '../inspection.ts'
import { signOfWord, signsOf } from '../label-signs.ts'
import { textOf } from '../sample-segments.ts'
import { seenPieces } from '../seen-pieces.ts'
import { type Cell, type Column, emptyCell } from './columns.ts'
import type { Paint } from './paint.ts'

/**
 * A segment as columns, one a word: the label of each task that labels words, the word, what the encoder sees in its
 * place, and the unit that was drawn. Returns also the row of the words themselves.
 */
export function columnsOfSegment(
  { words }: SampleSegment,
  units: readonly string[],
  tasks: readonly InspectedTask[],
  paint: Paint,
): { columns: Column[]; wordRow: number } {
  const labelling = tasks.filter(({ predicts }) => predicts === 'labels')
  const signs = labelling.map(({ classNames }) => signsOf(classNames))
  const marks = unitMarks(words, units)
  const columns = words.map((word, index) => ({
    cells: [
      ...labelling.map(({ name }, task) => labelCell(word.labels[name], signs[task], paint)),
      wordCell(word, paint),
      seenCell(word, paint),
      unitCell(marks[index], paint),
    ],
    blankBefore: word.blankBefore,
  }))
  return { columns, wordRow: labelling.length }
}

function labelCell(labels: readonly (number | null)[], signs: readonly string[], paint: Paint): Cell {
  const first = labels.find((label) => label !== null)
  return {
    text: printable(signOfWord(labels, signs)),
    paint: (text) => (first === undefined || first === null ? text : paint(`label${first}`, text)),
  }
}

function wordCell(word: SampleWord, paint: Paint): Cell {
  const isDrawn = word.seen.some((piece) => piece !== null)
  return { text: printable(textOf(word)), paint: (text) => (isDrawn ? paint('title', text) : text) }
}

function seenCell(word: SampleWord, paint: Paint): Cell {
  const pieces = seenPieces(word)
  if (!pieces) return emptyCell
  const texts = pieces.map(({ text }) => printable(text))
  return {
    text: texts.join(''),
    paint: () =>
      pieces.map(({ fate }, index) => (fate === 'none' ? texts[index] : paint(fate, texts[index]))).join(''),
  }
}

function unitCell(mark: UnitMark | null, paint: Paint): Cell {
  if (!mark) return emptyCell
  return { text: mark.goesOn ? '─' : mark.name, paint: (text) => paint('unit', text), goesOn: mark.goesOn }
}
