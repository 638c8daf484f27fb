/** Wire types of protocol buffers: how the bytes after a field's number are to be read. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** A field of a message, as bytes; a message is its fields one after another. */
export type Field = Uint8Array

/** int32, int64, uint64 and enums that are not negative, up to 2⁵³. */
export const varintField = (number: number, value: number): Field =>
  Buffer.concat([tag(number, wire.varint), varint(value)])

export function doubleField(number: number, value: number): Field {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return Buffer.concat([tag(number, wire.fixed64), bytes])
}

export function floatField(number: number, value: number): Field {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return Buffer.concat([tag(number, wire.fixed32), bytes])
}

export const stringField = (number: number, text: string): Field => messageField(number, [Buffer.from(text)])

/** A message inside a message. */
export function messageField(number: number, fields: readonly Field[]): Field {
  const content = Buffer.concat(fields)
  return Buffer.concat([tag(number, wire.bytes), varint(content.length), content])
}

const tag = (number: number, type: number): Uint8Array => varint(number * 8 + type)

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}
