import type { Inspection } from '../inspection.ts'
import { coloured, plain } from './paint.ts'
import { samplesText } from './samples-text.ts'
import { statisticsText } from './statistics-text.ts'

/**
 * What was found, for a terminal: the samples if there are any, else the statistics.
 *
 * @param options.width columns of the terminal
 */
export function inspectionText(
  inspection: Inspection,
  { width, colour }: { width: number; colour: boolean },
): string {
  const look = { paint: colour ? coloured : plain, width: Math.max(width, 20) }
  const { samples, statistics } = inspection
  const lines = samples
    ? samplesText(inspection, samples, look)
    : statistics
      ? statisticsText(inspection, statistics, look)
      : []
  return `${lines.join('\n')}\n`
}
