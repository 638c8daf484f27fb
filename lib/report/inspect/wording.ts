import type { InspectedTask, Sample, SamplePlace, SampleSegment } from './inspection.ts'
import { signsOf } from './label-signs.ts'
import { grouped, ordinal, percent } from './numbers.ts'
import { seenPieces } from './seen-pieces.ts'

const mostClasses = 12

/** What the marks of a task mean: `capitalization over the words: 0 lower case · 1 upper case`. */
export function legendOf(task: InspectedTask, tasks: readonly InspectedTask[]): string {
  const { name, predicts, classNames, options } = task
  const given = Object.keys(options).length > 0 ? ` ${JSON.stringify(options)}` : ''
  if (predicts === 'tokens') {
    return (
      `${name}${given} under the words: [MASK] hidden · ~x another token put in · =x drawn but left as it is; ` +
      'a name with a line is the unit that was drawn'
    )
  }
  const signs = predicts === 'labels' ? signsOf(classNames) : classNames.map((_, index) => String(index))
  const classes = classNames.map((each, index) => (signs[index] === each ? each : `${signs[index]} ${each}`))
  const more = classes.length > mostClasses ? ` · ${classes.length - mostClasses} more` : ''
  const where = predicts === 'labels' ? `over the words${rowOf(task, tasks)}` : 'of the input'
  return `${name}${given} ${where}: ${classes.slice(0, mostClasses).join(' · ')}${more}`
}

/** Which of several labels over a word is the task's. */
export function rowOf(task: InspectedTask, tasks: readonly InspectedTask[]): string {
  const labelling = tasks.filter(({ predicts }) => predicts === 'labels')
  return labelling.length > 1 ? `, ${ordinal(1 + labelling.indexOf(task))} from above` : ''
}

/** `class 2 of 0–32: 2 1`. */
export function classOf({ label }: Sample, { classNames }: InspectedTask): string {
  return label === undefined
    ? 'no class'
    : `class ${label} of 0–${classNames.length - 1}: ${classNames[label]}`
}

/** What masking did to an input: `drawn: 9 of 58 tokens (15.5 %) as 3 phrases, 4 words; 7 [MASK], 1 another, 1 left`. */
export function maskingOf({ segments, units }: Sample): string {
  const words = segments.flatMap((segment) => segment.words)
  const tokens = words.reduce((sum, { pieces }) => sum + pieces.length, 0)
  const fates = words.flatMap((word) => seenPieces(word) ?? []).map(({ fate }) => fate)
  const drawn = fates.filter((fate) => fate !== 'none').length
  const of = (wanted: string) => fates.filter((fate) => fate === wanted).length
  const kinds = [...new Set(units)].sort()
  const byUnit = kinds.map((kind) =>
    countOf(units.filter((unit) => unit === kind).length, unitNames[kind] ?? [kind, kind]),
  )
  const as = byUnit.length > 0 ? ` as ${byUnit.join(', ')}` : ''
  const becomes =
    drawn > 0 ? `; ${of('mask')} [MASK], ${of('other')} another token, ${of('kept')} left as it is` : ''
  return `drawn: ${drawn} of ${tokens} tokens (${percent(drawn / tokens)})${as}${becomes}`
}

const unitNames: Record<string, [string, string]> = {
  basic: ['basic unit', 'basic units'],
  word: ['word', 'words'],
  phrase: ['phrase', 'phrases'],
  entity: ['entity', 'entities'],
}

const countOf = (count: number, [one, many]: [string, string]) => `${count} ${count === 1 ? one : many}`

/** `segment 1 in slot 0: document 17 of books.txt, tokens 40–94 of 320, 2nd of 3 there`. */
export function segmentTitle(segment: SampleSegment, index: number): string {
  return `segment ${index + 1} in slot ${segment.slot}: ${placesOf(segment)}`
}

/** Where the text of a segment stood. */
export function placesOf({ places }: SampleSegment): string {
  return places.length === 0 ? "text of the task's own" : places.map(placeOf).join('; ')
}

function placeOf({ document, source, start, end, tokens, rank, ranks }: SamplePlace): string {
  const place = `document ${document} of ${source}, tokens ${grouped(start)}–${grouped(end - 1)} of ${grouped(tokens)}`
  return ranks > 1 ? `${place}, ${ordinal(rank)} of ${ranks} there` : place
}
