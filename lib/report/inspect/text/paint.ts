import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

const formats = {
  title: ['bold'],
  heading: ['bold', 'cyan'],
  faint: ['dim'],
  mask: ['red'],
  other: ['magenta'],
  kept: ['yellow'],
  unit: ['cyan'],
  class: ['green'],
  bar: ['blue'],
} satisfies Record<string, Format>

export type Style = keyof typeof formats | `label${number}`

/** Gives a text the look of what it is. */
export type Paint = (style: Style, text: string) => string

/** Looks of the classes of words in turn; the first is the usual one of most tasks. */
const labels: Format[] = [['dim'], ['green'], ['yellow'], ['cyan'], ['magenta'], ['blue']]

export const plain: Paint = (_, text) => text

export const coloured: Paint = (style, text) =>
  // Whether the output takes colours is decided by the caller.
  text === '' ? '' : styleText(formatOf(style), text, { validateStream: false })

function formatOf(style: Style): Format {
  if (style in formats) return formats[style as keyof typeof formats]
  const label = Number(style.slice('label'.length))
  return label === 0 ? labels[0] : labels[1 + ((label - 1) % (labels.length - 1))]
}

/** Whether a program should colour what it writes: FORCE_COLOR says so, else NO_COLOR, else whether it is a terminal. */
export function wantsColour(
  { FORCE_COLOR: force, NO_COLOR: none }: Record<string, string | undefined>,
  isTerminal: boolean,
): boolean {
  if (force !== undefined) return force !== '0' && force !== 'false'
  return isTerminal && !none
}
