import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'

const fromSources = extname(import.meta.url) === '.ts'

/**
 * A module's exports, by absolute path or file URL. TypeScript goes through tsx, whether or not this process was started
 * with it.
 */
export async function importModule(file: string | URL): Promise<Record<string, unknown>> {
  const url = file instanceof URL ? file : pathToFileURL(file)
  const isTypeScript = /\.[cm]?tsx?$/.test(url.pathname)
  if (fromSources || !isTypeScript) return unwrap(await import(url.href))
  const { tsImport } = await import('tsx/esm/api')
  return unwrap(await tsImport(url.href, import.meta.url))
}

/** A TypeScript module in a package that is not of type module comes as CommonJS, its exports one level down. */
function unwrap(module: Record<string, unknown>): Record<string, unknown> {
  const inner = module.default as Record<string, unknown> | null | undefined
  return typeof inner === 'object' && inner?.__esModule === true ? inner : module
}
