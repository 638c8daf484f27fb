import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestFn } from 'ava'

/** A directory for the files of one test file, removed after its tests. Returns a new empty directory in it a call. */
export function scratch(test: TestFn): () => string {
  const root = mkdtempSync(join(tmpdir(), 'everlearn-test-'))
  test.after.always(() => rmSync(root, { recursive: true, force: true }))
  let count = 0
  return () => {
    const directory = join(root, String(count++))
    mkdirSync(directory)
    return directory
  }
}

/** What writes files, each into a new directory, and returns their paths. */
export const fileWriter = (directory: () => string) => (name: string, content: string | Buffer) => {
  const path = join(directory(), name)
  writeFileSync(path, content)
  return path
}
