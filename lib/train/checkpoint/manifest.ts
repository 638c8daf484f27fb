import { createHash } from 'node:crypto'
import { createReadStream, lstatSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { EverlearnError } from '../../error.ts'
import { jsonText } from '../durable.ts'

const name = 'manifest.json'
const format = 'everlearn-checkpoint'
export const CHECKPOINT_VERSION = 1

interface Manifest {
  format: typeof format
  version: number
  files: Record<string, { bytes: number; sha256: string }>
  /** Of the text of `files`. */
  sha256: string
}

/**
 * The manifest of all files that are in a directory, as text.
 *
 * @param hashes sha256 of those that need not be read again for it
 */
export async function manifestOf(directory: string, hashes: Record<string, string> = {}): Promise<string> {
  const files: Manifest['files'] = {}
  for (const file of (await readdir(directory)).sort()) {
    const place = path.join(directory, file)
    files[file] = { bytes: lstatSync(place).size, sha256: hashes[file] ?? (await hashFile(place)) }
  }
  return textOf(CHECKPOINT_VERSION, files)
}

function textOf(version: number, files: Manifest['files']): string {
  const sha256 = createHash('sha256').update(JSON.stringify(files)).digest('hex')
  return jsonText({ format, version, files, sha256 } satisfies Manifest)
}

/**
 * Checks every file of a checkpoint against its manifest.
 *
 * @throws EverlearnError `CHECKPOINT_CORRUPT`, naming the file, or `CHECKPOINT_NEWER`
 */
export async function verifyManifest(directory: string): Promise<void> {
  for (const [file, expected] of Object.entries(readManifest(directory).files)) {
    const place = path.join(directory, file)
    // A manifest from elsewhere must not make us read files outside of the checkpoint.
    if (path.basename(file) !== file || file === '..') throw corrupt(directory, name, `names "${file}"`)
    const status = lstatSync(place, { throwIfNoEntry: false })
    if (!status?.isFile()) throw corrupt(directory, file, 'is missing')
    if (status.size !== expected.bytes) {
      throw corrupt(directory, file, `has ${status.size} bytes; its manifest says ${expected.bytes}`)
    }
    if ((await hashFile(place)) !== expected.sha256) {
      throw corrupt(directory, file, 'has changed: its sha256 is not the one in its manifest')
    }
  }
}

function readManifest(directory: string): Manifest {
  let text: string
  let manifest: Manifest
  try {
    text = readFileSync(path.join(directory, name), 'utf8')
  } catch (error) {
    throw corrupt(directory, name, `cannot be read (${(error as Error).message})`)
  }
  try {
    manifest = JSON.parse(text)
  } catch {
    throw corrupt(directory, name, 'is not JSON')
  }
  const { version, files } = manifest ?? {}
  if (manifest?.format !== format || typeof files !== 'object' || files === null) {
    throw corrupt(directory, name, 'is no manifest of a checkpoint')
  }
  if (version > CHECKPOINT_VERSION) {
    throw new EverlearnError(
      'CHECKPOINT_NEWER',
      `${path.join(directory, name)} is of format ${version}, this everlearn reads up to ${CHECKPOINT_VERSION}; update everlearn`,
    )
  }
  if (text !== textOf(version, files)) throw corrupt(directory, name, 'has changed')
  return manifest
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(part)
  return hash.digest('hex')
}

export function corrupt(directory: string, file: string, what: string): EverlearnError {
  return new EverlearnError(
    'CHECKPOINT_CORRUPT',
    `${path.join(directory, file)} ${what}; resume from another checkpoint of the run, with --checkpoint`,
  )
}
