import { loadNative } from '../tensor/native.ts'

/** The bytes of a file, memory-mapped: they are read when first looked at and take no memory of the process. */
export function mapFile(path: string, bytes: number): ArrayBuffer {
  // Nothing can be mapped of an empty file.
  return bytes === 0 ? new ArrayBuffer(0) : loadNative().mapFile(path)
}
