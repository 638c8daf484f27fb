import { Unit, units } from '../../tokenizer/normalize.ts'
import { inClass } from '../../tokenizer/unicode.ts'

const ideograph = inClass('ideograph')
const punctuation = inClass('punctuation')

/**
 * Where the words of BERT's pre-tokeniser stand in a text: runs without blanks and punctuation, single punctuation
 * marks, single ideographs. Flat pairs start, end in UTF-16 units, ascending.
 */
export function wordBounds(text: string): number[] {
  const bounds: number[] = []
  for (let index = 0; index < text.length; ) {
    const unit = units[text.charCodeAt(index)]
    const start = index++
    if (unit === Unit.blank) continue
    if (unit === Unit.single) {
      bounds.push(start, index)
      continue
    }
    while (index < text.length && units[text.charCodeAt(index)] < Unit.blank) index++
    pushRun(text, start, index, bounds)
  }
  return bounds
}

/** Cuts a run at the ideographs and marks beyond the first 65,536 code points: one unit does not show what they are. */
function pushRun(text: string, start: number, end: number, bounds: number[]): void {
  let from = start
  for (let index = start; index < end; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0xd800 || unit > 0xdbff) continue
    const code = text.codePointAt(index) as number
    if (code < 0x10000 || !(ideograph(code) || punctuation(code))) continue
    if (from < index) bounds.push(from, index)
    bounds.push(index, index + 2)
    from = ++index + 1
  }
  if (from < end) bounds.push(from, end)
}
