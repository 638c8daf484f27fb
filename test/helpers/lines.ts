import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** The lines of a .gz text file, without empty ones. */
export function readLines(path: string): string[] {
  return gunzipSync(readFileSync(path)).toString('utf8').split('\n').filter(Boolean)
}
