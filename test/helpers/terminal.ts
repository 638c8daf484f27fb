import { columnsOf } from '../../lib/report/text-width.ts'

/** A terminal that keeps what was written as lines and breaks long ones anew when its width changes. */
export interface Terminal {
  isTTY: true
  columns: number
  rows: number
  write(text: string): void
  on(event: 'resize', listener: () => void): void
  off(event: 'resize', listener: () => void): void
  resize(columns: number): void
  /** What stands there, without looks; the last line is the one that the cursor is in. */
  lines(): string[]
  /** Rows that a line takes. */
  rowsOf(line: string): number
  listeners: number
}

const sequence = new RegExp(`^${String.fromCharCode(27)}\\[([0-9;?]*)([A-Za-z])`)

export function createTerminal(columns: number, rows = 24): Terminal {
  let lines = ['']
  const resized: (() => void)[] = []
  const terminal: Terminal = {
    isTTY: true,
    columns,
    rows,
    on: (_, listener) => {
      resized.push(listener)
    },
    off: (_, listener) => {
      resized.splice(resized.indexOf(listener), 1)
    },
    get listeners() {
      return resized.length
    },
    resize(width) {
      terminal.columns = width
      for (const listener of [...resized]) listener()
    },
    rowsOf: (line) => Math.max(1, Math.ceil(columnsOf(line) / terminal.columns)),
    lines: () => [...lines],
    write(text) {
      for (let at = 0; at < text.length; ) {
        const found = sequence.exec(text.slice(at))
        if (found) {
          const [whole, parameter, final] = found
          at += whole.length
          if (final === 'A') up(Number(parameter || 1))
          else if (final === 'J') erased()
          else if (final !== 'm') throw new Error(`the terminal does not know ${JSON.stringify(whole)}`)
          continue
        }
        const character = String.fromCodePoint(text.codePointAt(at) as number)
        at += character.length
        if (character === '\n') {
          lines.push('')
          cursor = lines.length - 1
        } else if (character < ' ') throw new Error(`a control character, ${JSON.stringify(character)}`)
        else {
          if (cursor !== lines.length - 1) throw new Error('writing over a line that was not erased')
          lines[cursor] += character
        }
      }
    },
  }
  let cursor = 0

  /** Rows up from the beginning of an empty last line. */
  function up(count: number): void {
    if (lines[cursor] !== '') throw new Error('the cursor is not at the beginning of a line')
    let left = count
    while (left > 0) {
      if (cursor === 0) throw new Error('above the first line')
      cursor--
      left -= terminal.rowsOf(lines[cursor])
    }
    if (left < 0) throw new Error(`${-left} rows into a line`)
  }
  function erased(): void {
    lines = [...lines.slice(0, cursor), '']
  }
  return terminal
}
