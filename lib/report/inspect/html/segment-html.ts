import { html, type Markup } from '../../html/markup.ts'
import { unitMarks } from '../drawn-units.ts'
import type { InspectedTask, SampleSegment, SampleWord } from '../inspection.ts'
import { signOfWord, signsOf } from '../label-signs.ts'
import { textOf } from '../sample-segments.ts'
import { seenPieces } from '../seen-pieces.ts'

/** The words of a segment: what the encoder sees, the original over what was masked, and labels over their words. */
export function wordsHtml(
  { words }: SampleSegment,
  units: readonly string[],
  tasks: readonly InspectedTask[],
): Markup[] {
  const labelling = tasks.filter(({ predicts }) => predicts === 'labels')
  const signs = new Map(labelling.map(({ name, classNames }) => [name, signsOf(classNames)]))
  const marks = unitMarks(words, units)
  const parts: Markup[] = []
  for (let first = 0, end = 0; first < words.length; first = end) {
    do end++
    while (end < words.length && marks[end]?.goesOn)
    const shown = words.slice(first, end).map((word) => ({ word, markup: wordHtml(word, signs) }))
    parts.push(...withBlanks(shown, marks[first]?.name))
  }
  return parts
}

interface ShownWord {
  word: SampleWord
  markup: Markup
}

/** Words with the blanks before them; the name of their unit, if any, stays on the line of the last. */
function withBlanks(words: readonly ShownWord[], unit: string | undefined): Markup[] {
  const blank = ({ word }: ShownWord) => (word.blankBefore ? ' ' : '')
  if (unit === undefined) return words.map((each) => html`${blank(each)}${each.markup}`)
  const inner = words.map((each, index) => {
    const end = index === words.length - 1
    const markup = end
      ? html`<span class="unit-end">${each.markup}<small>${unit}</small></span>`
      : each.markup
    return html`${index > 0 ? blank(each) : ''}${markup}`
  })
  return [html`${blank(words[0])}<span class="unit">${inner}</span>`]
}

/** The labels stand over each other, that of the first task on top; `-` where only others have one. */
function wordHtml(word: SampleWord, signs: ReadonlyMap<string, readonly string[]>): Markup {
  let markup = seenHtml(word)
  if (Object.values(word.labels).every((labels) => labels.every((label) => label === null))) return markup
  for (const [task, names] of [...signs].reverse()) {
    const labels = word.labels[task]
    const sign = signOfWord(labels, names) || '-'
    const look = labels.some((label) => label !== null && label > 0) ? 'on' : 'off'
    markup = html`<ruby class="${look}">${markup}<rt>${sign}</rt></ruby>`
  }
  return markup
}

function seenHtml(word: SampleWord): Markup {
  const pieces = seenPieces(word)
  if (!pieces) return html`${textOf(word)}`
  const shown = pieces.map(({ text, fate }) =>
    fate === 'none' ? html`${text}` : html`<span class="${fate}">${text}</span>`,
  )
  return html`<ruby class="drawn">${shown}<rt>${textOf(word)}</rt></ruby>`
}
