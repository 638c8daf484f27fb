import { stripVTControlCharacters } from 'node:util'
import { columnsOf } from '../text-width.ts'

/** Where progress is written: process.stderr, or anything like it. */
export interface ProgressOutput {
  isTTY?: boolean
  columns?: number
  rows?: number
  write(text: string): unknown
  on?(event: 'resize', listener: () => void): unknown
  off?(event: 'resize', listener: () => void): unknown
}

/** A few lines at the bottom of a terminal that are written over, and what is said above them. */
export interface LiveBlock {
  /** Puts these lines in the place of those that are there. */
  draw(lines: readonly string[]): void
  /** Puts a text above the block, where it stays. */
  say(text: string, lines: readonly string[]): void
}

/**
 * The cursor always stands at the beginning of the line below the block and stays visible: whenever the process ends, and
 * be it by SIGKILL, the terminal is as a program leaves it that wrote some lines.
 */
export function createLiveBlock(output: ProgressOutput): LiveBlock {
  let widths: number[] = []

  const erasing = () => {
    if (widths.length === 0) return ''
    // A terminal that has become narrower breaks the lines that stand there.
    const columns = output.columns ?? 80
    const rows = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0)
    const reachable = Math.min(rows, (output.rows ?? Number.POSITIVE_INFINITY) - 1)
    return `\x1b[${reachable}A\x1b[J`
  }
  const put = (text: string, lines: readonly string[]) => {
    const written = `${erasing()}${text}${lines.map((line) => `${line}\n`).join('')}`
    if (written !== '') output.write(written)
    widths = lines.map((line) => columnsOf(stripVTControlCharacters(line)))
  }
  return {
    draw: (lines) => put('', lines),
    say: (text, lines) => put(`${text}\n`, lines),
  }
}
