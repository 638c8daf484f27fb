import { type FileHandle, open } from 'node:fs/promises'

/** Reads a growing log of JSON objects, a line each. */
export interface LogLines {
  /**
   * Hands on what has been added since the last call. A last line without its end is left for the next time; one that is
   * not JSON is passed over. Where the file was cut or replaced, as a resume does, `restart` is called and it begins anew.
   *
   * @returns whether anything was new
   */
  read(): Promise<boolean>
}

const chunkSize = 1 << 20
const longestLine = 64 << 20

/**
 * @param locate path of the log, null while there is none
 * @param take gets each object
 * @param restart forget what was taken
 */
export function followLog(
  locate: () => string | null,
  take: (line: Record<string, unknown>) => void,
  restart: () => void,
): LogLines {
  let offset = 0
  let identity = ''
  let chunk = Buffer.alloc(0)

  const reset = (now: string) => {
    if (offset > 0) restart()
    const changed = offset > 0
    offset = 0
    identity = now
    return changed
  }

  async function readNew(handle: FileHandle): Promise<boolean> {
    const { size, ino, birthtimeMs } = await handle.stat()
    let changed = false
    if (`${ino} ${birthtimeMs}` !== identity || size < offset) changed = reset(`${ino} ${birthtimeMs}`)
    if (chunk.length < chunkSize && size > offset) chunk = Buffer.alloc(chunkSize)
    while (offset < size) {
      const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - offset), offset)
      if (bytesRead === 0) break
      const end = chunk.lastIndexOf(0x0a, bytesRead - 1) + 1
      if (end > 0) {
        for (const line of chunk.toString('utf8', 0, end).split('\n')) takeLine(line)
        offset += end
        changed = true
      } else if (bytesRead < chunk.length || chunk.length >= longestLine) break
      else chunk = Buffer.alloc(2 * chunk.length)
    }
    return changed
  }

  function takeLine(line: string): void {
    if (line === '') return
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      return
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      take(value as Record<string, unknown>)
  }

  return {
    async read() {
      const file = locate()
      if (file === null) return reset('')
      let handle: FileHandle
      try {
        handle = await open(file, 'r')
      } catch {
        return reset('')
      }
      try {
        return await readNew(handle)
      } finally {
        await handle.close()
      }
    },
  }
}
