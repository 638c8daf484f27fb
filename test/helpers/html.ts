import type { ExecutionContext } from 'ava'

export interface PageElement {
  name: string
  attributes: string
  text: string
}

const voids = new Set(['meta', 'br', 'hr', 'wbr', 'link', 'img', 'input'])

/**
 * Elements of a page, in order, with their text; fails where tags do not match, and where `<` or `&` stand bare. The
 * contents of styles and scripts are left out.
 */
export function elementsOf(t: ExecutionContext, page: string): PageElement[] {
  const open: PageElement[] = []
  const all: PageElement[] = []
  const body = page
    .replace(/^<!doctype html>\n/, '')
    .replace(/(<style>)[^<]*/g, '$1')
    .replace(/(<script[^>]*>)[\s\S]*?(?=<\/script>)/g, '$1')
  const token = /<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z0-9-]+(?:="[^"<]*")?)*)>|([^<>]+)/gy
  let at = 0
  while (at < body.length) {
    token.lastIndex = at
    const match = token.exec(body)
    if (!match) throw new Error(`not well formed at: ${body.slice(at, at + 60)}`)
    at = token.lastIndex
    const [, slash, name, attributes, text] = match
    if (text !== undefined) {
      t.notRegex(text, /&(?!(amp|lt|gt|quot|#39);)/)
      const plain = textOf(text)
      for (const element of open) element.text += plain
    } else if (slash) t.is(open.pop()?.name, name)
    else {
      const element = { name, attributes, text: '' }
      all.push(element)
      if (!voids.has(name)) open.push(element)
    }
  }
  t.deepEqual(open, [])
  return all
}

/** What an attribute says, undefined where there is none. */
export const attributeOf = ({ attributes }: PageElement, name: string): string | undefined => {
  const found = new RegExp(` ${name}(?:="([^"]*)")?(?= |$)`).exec(attributes)
  return found ? textOf(found[1] ?? '') : undefined
}

const textOf = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, entity) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[entity as string] ?? "'",
  )
