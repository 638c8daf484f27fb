import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Folder of this package: one level up from lib, two from dist/lib. */
export const packageRoot = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '..' : '../..', import.meta.url),
)

export function packageVersion(): string {
  return JSON.parse(readFileSync(`${packageRoot}/package.json`, 'utf8')).version
}
