import { printable } from '../../text-width.ts'
import type { Inspection, TaskSamples } from '../inspection.ts'
import { classOf, legendOf, maskingOf, segmentTitle } from '../wording.ts'
import { layOutColumns } from './columns.ts'
import type { Paint, Style } from './paint.ts'
import { columnsOfSegment } from './word-columns.ts'
import { wrapText } from './wrap.ts'

const indent = '  '

/** Samples of tasks for a terminal: a legend, then each input with labels over and what the encoder sees under its words. */
export function samplesText(
  { corpus, seed, maxLength }: Inspection,
  { tasks, samples }: TaskSamples,
  { paint, width }: { paint: Paint; width: number },
): string[] {
  const lines: string[] = []
  const say = (text: string, style?: Style) => {
    for (const line of wrapText(printable(text), width, indent)) lines.push(style ? paint(style, line) : line)
  }
  lines.push(paint('title', printable(`${tasks.map(({ name }) => name).join(' + ')} on ${corpus.directory}`)))
  say(`seed ${seed}, inputs of at most ${maxLength} tokens`)
  for (const task of tasks) say(legendOf(task, tasks))

  const sentenceTask = tasks.find(({ predicts }) => predicts === 'class')
  const masks = tasks.some(({ predicts }) => predicts === 'tokens')
  samples.forEach((sample, index) => {
    lines.push('', `${paint('heading', `sample ${index + 1}`)} of ${samples.length}, ${sample.length} tokens`)
    if (sentenceTask) say(classOf(sample, sentenceTask), 'class')
    if (masks) say(maskingOf(sample))
    sample.segments.forEach((segment, number) => {
      if (number > 0) lines.push('')
      say(segmentTitle(segment, number), 'faint')
      const { columns, wordRow } = columnsOfSegment(segment, sample.units, tasks, paint)
      for (const line of layOutColumns(columns, width - indent.length, wordRow)) lines.push(indent + line)
    })
  })
  return lines
}
