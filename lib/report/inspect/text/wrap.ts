import { columnsOf } from '../../text-width.ts'

/** Breaks a text at blanks into lines of at most `width` columns; lines after the first are indented twice. */
export function wrapText(text: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? `${indent}${word}` : `${line} ${word}`
    if (line !== '' && columnsOf(longer) > width) {
      lines.push(line)
      line = `${indent}${indent}${word}`
    } else line = longer
  }
  return [...lines, line]
}
