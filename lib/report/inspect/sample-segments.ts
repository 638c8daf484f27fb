import type { Corpus } from '../../data/corpus.ts'
import type { DrawnInput } from '../../data/draw.ts'
import type { Annotation, Input, InputSpan, TokenTask } from '../../data/task.ts'
import { blanksOf } from './blanks.ts'
import type { Sample, SamplePlace, SampleSegment, SampleWord } from './inspection.ts'

/**
 * An input that was drawn, in words.
 *
 * @param tasks the token tasks that annotated it, in the order of its annotations
 */
export function sampleOf(corpus: Corpus, drawn: DrawnInput, tasks: readonly TokenTask[]): Sample {
  const { input } = drawn
  const { length } = input.ids
  const units: string[] = []
  const unitAt = numberUnits(drawn, tasks, units)
  const drawnAt = new Set<number>()
  const labels: Record<string, Map<number, number>> = {}
  tasks.forEach((task, index) => {
    const { positions, labels: classes } = drawn.annotations[index]
    if (task.head.kind === 'masked-language-model') for (const position of positions) drawnAt.add(position)
    else labels[task.name] = new Map(Array.from(positions, (position, i) => [position, classes[i]]))
  })
  const pieceOf = (id: number) => corpus.vocabulary.tokens[id]
  const wordOf = (start: number, end: number): Omit<SampleWord, 'blankBefore'> => {
    const positions = Array.from({ length: end - start }, (_, i) => start + i)
    return {
      pieces: positions.map((position) => pieceOf(input.ids[position])),
      seen: positions.map((position) => (drawnAt.has(position) ? pieceOf(drawn.ids[position]) : null)),
      unit: unitAt.get(start) ?? null,
      labels: Object.fromEntries(
        Object.entries(labels).map(([task, classes]) => [
          task,
          positions.map((position) => classes.get(position) ?? null),
        ]),
      ),
    }
  }

  const segments: SampleSegment[] = []
  const isText = (position: number) => position < length && input.words[position] >= 0
  for (let start = 0, end = 0; start < length; start = end + 1) {
    end = start
    while (isText(end)) end++
    if (end === start) continue
    const words: Omit<SampleWord, 'blankBefore'>[] = []
    for (let first = start, next = start; first < end; first = next) {
      while (next < end && input.basic[next] === input.basic[first]) next++
      words.push(wordOf(first, next))
    }
    const blanks = blanksOf(words.map(textOf))
    segments.push({
      slot: input.segments[start],
      places: input.spans
        .filter(({ position }) => position >= start && position < end)
        .map((span) => placeOfSpan(corpus, input.spans, span)),
      words: words.map((word, index) => ({ ...word, blankBefore: blanks[index] })),
    })
  }
  return { length, label: input.label, segments, units }
}

/** The text of a word: its pieces put together. One that is cut at its front keeps its `##`. */
export const textOf = ({ pieces }: Pick<SampleWord, 'pieces'>): string =>
  pieces.map((piece, index) => (index > 0 ? piece.replace(/^##/, '') : piece)).join('')

/** By position, the number of the drawn unit that holds it; what each unit is goes to `units`. */
function numberUnits(
  { input, annotations }: DrawnInput,
  tasks: readonly TokenTask[],
  units: string[],
): Map<number, number> {
  const unitAt = new Map<number, number>()
  tasks.forEach((task, index) => {
    if (task.head.kind === 'masked-language-model') numberDrawn(input, annotations[index], units, unitAt)
  })
  return unitAt
}

function numberDrawn(
  input: Input,
  { positions, unit }: Annotation,
  units: string[],
  unitAt: Map<number, number>,
): void {
  if (unit === undefined) return
  const spans = unit === 'phrase' ? input.phrases : unit === 'entity' ? input.entities : null
  const words = unit === 'basic' ? input.basic : input.words
  let before = -2
  for (const position of positions) {
    const inSpan = spans !== null && spans[position] >= 0
    const goesOn =
      position === before + 1 &&
      (spans?.[position] ?? -1) === (spans?.[before] ?? -1) &&
      (inSpan || words[position] === words[before])
    if (!goesOn) units.push(inSpan ? unit : unit === 'basic' ? 'basic' : 'word')
    unitAt.set(position, units.length - 1)
    before = position
  }
}

function placeOfSpan(corpus: Corpus, spans: readonly InputSpan[], span: InputSpan): SamplePlace {
  const { document: number, start, end } = span
  const { source, tokens } = corpus.document(number)
  const same = spans.filter(({ document }) => document === number)
  return {
    document: number,
    source,
    start,
    end,
    tokens: tokens.length,
    rank: 1 + same.filter((other) => other.start < start).length,
    ranks: same.length,
  }
}
