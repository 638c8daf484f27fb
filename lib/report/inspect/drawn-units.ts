import type { SampleWord } from './inspection.ts'

/** The name to show at a word for the unit that was drawn, and whether the unit goes on from the word before. */
export interface UnitMark {
  name: string
  goesOn: boolean
}

/**
 * The mark of each word of a segment, null for none: phrases, entities, and words of several basic units. That a
 * single word was drawn needs no mark.
 */
export function unitMarks(
  words: readonly Pick<SampleWord, 'unit'>[],
  units: readonly string[],
): (UnitMark | null)[] {
  return words.map(({ unit }, index) => {
    if (unit === null) return null
    const goesOn = words[index - 1]?.unit === unit
    const isSpan = units[unit] !== 'word' && units[unit] !== 'basic'
    return isSpan || goesOn || words[index + 1]?.unit === unit ? { name: units[unit], goesOn } : null
  })
}
