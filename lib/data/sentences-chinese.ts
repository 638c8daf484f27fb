const terminators = new Set('。！？；…｡﹖﹗!?')
/** What may follow the mark and still belongs to its sentence. */
const closers = new Set('”’」』）】》〉〕］｝)')
const blank = /\s/
const asciiWord = /[A-Za-z0-9&=_/%-]/

/**
 * Ends of Chinese sentences: after 。！？；… and their half-width forms with the closing quotes and brackets behind
 * them, and after an English full stop between two English sentences. A semicolon or a full stop inside an address or
 * a number ends nothing. The blanks belong to the sentence they end. See {@link SentenceSplitter}.
 */
export function chineseSentenceEnds(text: string): number[] {
  const ends: number[] = []
  let start = 0
  let index = 0
  /** The straight quotes close only what they opened in the same sentence. */
  const closes = (character: string) =>
    closers.has(character) ||
    ((character === '"' || character === "'") && text.slice(start, index).split(character).length % 2 === 0)
  while (index < text.length) {
    const mark = text[index++]
    if (!terminators.has(mark) && !(mark === '.' && endsEnglish(text, index))) continue
    if ((mark === '!' || mark === '?') && asciiWord.test(text[index] ?? '')) continue
    while (index < text.length && (terminators.has(text[index]) || closes(text[index]))) index++
    while (index < text.length && blank.test(text[index])) index++
    ends.push(index)
    start = index
  }
  if (text.length > (ends.at(-1) ?? 0)) ends.push(text.length)
  return ends
}

/** Whether the full stop before `index` is followed by a blank and an upper-case letter, and follows a long word. */
function endsEnglish(text: string, index: number): boolean {
  return /^[a-z)]{3}\. [A-Z"“]$/.test(text.slice(Math.max(0, index - 4), index + 2))
}
