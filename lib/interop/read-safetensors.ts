import { statSync } from 'node:fs'
import { EverlearnError } from '../error.ts'
import { loadNative } from '../tensor/native.ts'
import { parseSafetensors, type Safetensors } from './safetensors.ts'

/** Opens a safetensors file through a memory map: tensors are read from disk when they are looked at. */
export function readSafetensors(file: string): Safetensors {
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined) throw new EverlearnError('FILE_MISSING', `${file} does not exist`)
  // An empty file cannot be mapped.
  const bytes = size === 0 ? new Uint8Array(0) : new Uint8Array(loadNative().mapFile(file))
  return parseSafetensors(bytes, file)
}
