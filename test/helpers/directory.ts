import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
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
