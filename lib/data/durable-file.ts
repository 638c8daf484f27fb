import { createHash, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { CorpusFile } from './manifest.ts'

/** A new file whose size and hash are known when it is finished. */
export interface HashedFile {
  write(bytes: Uint8Array): void
  /** Brings it to the disk. */
  finish(): CorpusFile
  /** To be called in any case. */
  close(): void
}

/** Small writes are gathered. */
export function createHashedFile(directory: string, name: string): HashedFile {
  const file = openSync(join(directory, name), 'wx')
  const hash = createHash('sha256')
  const buffer = new Uint8Array(1 << 18)
  let used = 0
  let total = 0
  let open = true
  const put = (bytes: Uint8Array) => {
    hash.update(bytes)
    for (let start = 0; start < bytes.length; ) start += writeSync(file, bytes, start)
    total += bytes.length
  }
  const close = () => {
    if (open) closeSync(file)
    open = false
  }
  const flush = () => {
    put(buffer.subarray(0, used))
    used = 0
  }
  return {
    write(bytes) {
      if (used + bytes.length > buffer.length) flush()
      if (bytes.length > buffer.length) {
        put(bytes)
      } else {
        buffer.set(bytes, used)
        used += bytes.length
      }
    },
    finish() {
      flush()
      fsyncSync(file)
      close()
      return { name, bytes: total, sha256: hash.digest('hex') }
    },
    close,
  }
}

/** Name in a directory of something that is not finished; see {@link isUnfinished}. */
export const unfinishedName = (name: string): string => `.tmp-${name}-${randomBytes(4).toString('hex')}`

export const isUnfinished = (name: string): boolean => name.startsWith('.tmp-')

/** Writes a file whole or not at all, in the place of one of its name, and so that it survives a loss of power. */
export function writeFileDurably(directory: string, name: string, text: string): CorpusFile {
  const temporary = unfinishedName(name)
  try {
    const file = createHashedFile(directory, temporary)
    try {
      file.write(Buffer.from(text))
      const written = file.finish()
      renameSync(join(directory, temporary), join(directory, name))
      return { ...written, name }
    } finally {
      file.close()
    }
  } catch (error) {
    rmSync(join(directory, temporary), { force: true })
    throw error
  } finally {
    syncDirectory(directory)
  }
}

/** Brings the names in a directory to the disk. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
