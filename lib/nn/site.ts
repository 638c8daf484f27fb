/**
 * The number under which a place in the model draws its random numbers: 32-bit FNV-1a of its path, such as
 * `encoder.layer.3.output`. It depends on where the place is, never on the order of calls.
 */
export function siteOf(path: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(path)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
