import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'

const aside = '.tmp-'

/** A name in `directory` for something that is not finished; what a killed process leaves under it is litter. */
export const asideName = (directory: string, name: string): string =>
  path.join(directory, `${aside}${name}-${randomBytes(4).toString('hex')}`)

/** Removes what killed processes left in a directory. Only for the one that holds the directory's lock. */
export async function removeLitter(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(aside)) await rm(path.join(directory, name), { recursive: true, force: true })
  }
}

/** Writes a file whole or not at all, and so that it survives a loss of power. */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  const directory = path.dirname(file)
  const temporary = asideName(directory, path.basename(file))
  try {
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await sync(directory)
}

/** Brings a file or the names in a directory to the disk. */
export async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Text of a JSON file of ours: the same object always gives the same bytes. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
