import { createGunzip } from 'node:zlib'

/**
 * Unpacks gzip. A block is taken only when all that the blocks before it give was handed over, so whoever gives the
 * blocks knows at each of them what part of them the bytes so far stand for.
 *
 * @param size of the blocks that come out, at most
 * @throws what zlib says of damaged or incomplete data, its `code` beginning with `Z_`
 */
export async function* unpack(blocks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: size })
  let failure: Error | null | undefined
  let ended = false
  let changed = false
  let wake = () => {}
  const change = () => {
    changed = true
    wake()
  }
  gunzip.on('readable', change)
  gunzip.on('error', (error) => {
    failure ??= error
    change()
  })
  gunzip.on('end', () => {
    ended = true
    change()
  })

  /** What comes out until `give` tells that all it has given is taken, or to the end. */
  async function* outcome(give: (taken: (error?: Error | null) => void) => void): AsyncGenerator<Buffer> {
    let isTaken = false
    give((error) => {
      failure ??= error
      isTaken = true
      change()
    })
    while (true) {
      changed = false
      // Behind the end of the data, gzip takes nothing any more.
      const isLast = isTaken || ended
      for (let bytes = gunzip.read(); bytes !== null; bytes = gunzip.read()) yield bytes
      if (failure) throw failure
      if (isLast) return
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  }

  try {
    for await (const block of blocks) {
      yield* outcome((taken) => gunzip.write(block, taken))
      if (ended) return
    }
    yield* outcome(() => gunzip.end())
  } finally {
    gunzip.destroy()
  }
}
