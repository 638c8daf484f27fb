import { printable } from '../text-width.ts'

/** HTML that is safe to put into a page: only {@link html} makes it. */
export interface Markup {
  readonly markup: string
}

type Value = Markup | readonly Value[] | string | number | null

/** A template of HTML: texts put into it are escaped, markup stays as it is, lists are joined, null is nothing. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return { markup: parts.reduce((text, part, index) => text + markupOf(values[index - 1]) + part) }
}

function markupOf(value: Value): string {
  if (value === null) return ''
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value))
  return 'markup' in value ? value.markup : value.map(markupOf).join('')
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeText = (text: string) => printable(text).replace(/[&<>"']/g, (character) => entities[character])
