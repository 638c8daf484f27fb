import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'

/** Bytes that are hashed while they are written. */
const pieceSize = 1 << 24

/**
 * The large files of a checkpoint. Each is hashed while it is written, and on its way to the disk while the next one is
 * made: a checkpoint takes little longer than the disk does.
 */
export class CheckpointFiles {
  readonly directory: string
  /** sha256 of the files written so far, by name. */
  readonly hashes: Record<string, string> = {}
  readonly #syncing: Promise<void>[] = []

  constructor(directory: string) {
    this.directory = directory
  }

  /** Writes a new file. It is on the disk once `synced` has resolved. */
  async write(name: string, parts: Iterable<Uint8Array>): Promise<void> {
    const handle = await open(path.join(this.directory, name), 'wx')
    try {
      this.hashes[name] = await writeHashed(handle, parts)
    } catch (error) {
      await handle.close()
      throw error
    }
    const syncing = handle.sync().finally(() => handle.close())
    // `synced` tells of a failure; until then it is not unhandled.
    syncing.catch(() => {})
    this.#syncing.push(syncing)
  }

  /** Waits until no file is on its way to the disk any more; throws the first failure. */
  async synced(): Promise<void> {
    await Promise.allSettled(this.#syncing)
    await Promise.all(this.#syncing)
  }
}

async function writeHashed(handle: FileHandle, parts: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for (const part of parts) {
    for (let start = 0; start < part.length; start += pieceSize) {
      const piece = part.subarray(start, start + pieceSize)
      const written = handle.writeFile(piece)
      hash.update(piece)
      await written
    }
  }
  return hash.digest('hex')
}
