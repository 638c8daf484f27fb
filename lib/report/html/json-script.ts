import type { Markup } from './markup.ts'

/** Data for scripts of a page: JSON in which nothing can end the element or begin another. */
export function jsonScript(id: string, value: unknown): Markup {
  const json = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return { markup: `<script type="application/json" id="${id}">${json}</script>` }
}
