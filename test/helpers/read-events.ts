import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** An event as TensorBoard's event.proto has it. */
export interface ReadEvent {
  wallTime: number
  step: number
  fileVersion?: string
  scalars: Record<string, number>
  /** Of the session log: 1 is its start. */
  status?: number
}

/** CRC-32C bit by bit, as RFC 3720 defines it: no table, the polynomial not reflected. */
export function crcByBits(bytes: Uint8Array): number {
  const reflect = (value: number, bits: number) =>
    Array.from({ length: bits }, (_, bit) => (value >>> bit) & 1).reduce((sum, bit) => sum * 2 + bit, 0)
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc = (crc ^ (reflect(byte, 8) << 24)) >>> 0
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80000000 ? (crc << 1) ^ 0x1edc6f41 : crc << 1) >>> 0
  }
  return (reflect(crc, 32) ^ 0xffffffff) >>> 0
}

/** Undoes the mask: what is stored is turned right by 15 bits, plus a constant. */
function unmasked(stored: number): number {
  const turned = (stored - 0xa282ead8) >>> 0
  return ((turned << 15) | (turned >>> 17)) >>> 0
}

/** The contents of a TFRecord file's records; fails where one is cut off or a checksum is wrong. */
export function readRecords(file: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at))
    assert.equal(unmasked(file.readUInt32LE(at + 8)), crcByBits(file.subarray(at, at + 8)), 'CRC of a length')
    const data = file.subarray(at + 12, at + 12 + length)
    assert.equal(unmasked(file.readUInt32LE(at + 12 + length)), crcByBits(data), 'CRC of a record')
    records.push(data)
    at += 12 + length + 4
  }
  return records
}

type Value = bigint | Buffer

/** The fields of a message by number, in their order. */
function fieldsOf(message: Buffer): [field: number, value: Value][] {
  const fields: [number, Value][] = []
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  const bytes = (length: number) => {
    at += length
    return message.subarray(at - length, at)
  }
  while (at < message.length) {
    const key = Number(varint())
    const readers: Record<number, () => Value> = {
      0: varint,
      1: () => bytes(8),
      2: () => bytes(Number(varint())),
      5: () => bytes(4),
    }
    fields.push([key >>> 3, readers[key & 7]()])
  }
  return fields
}

export function readEvent(record: Buffer): ReadEvent {
  const fields = fieldsOf(record)
  const one = <T extends Value>(list: [number, Value][], wanted: number) =>
    list.find(([number]) => number === wanted)?.[1] as T | undefined
  const summary = one<Buffer>(fields, 5)
  const values = summary ? fieldsOf(summary).map(([, value]) => fieldsOf(value as Buffer)) : []
  const session = one<Buffer>(fields, 7)
  return {
    wallTime: (one<Buffer>(fields, 1) as Buffer).readDoubleLE(),
    step: Number(one<bigint>(fields, 2) ?? 0n),
    fileVersion: one<Buffer>(fields, 3)?.toString(),
    scalars: Object.fromEntries(
      values.map((value) => [
        one<Buffer>(value, 1)?.toString(),
        (one<Buffer>(value, 2) as Buffer).readFloatLE(),
      ]),
    ),
    status: session && Number(one<bigint>(fieldsOf(session), 1)),
  }
}

/** The events of all files of a folder, file by file in the order in which TensorBoard reads them. */
export const readEventFiles = (folder: string): ReadEvent[][] =>
  readdirSync(folder)
    .sort()
    .map((name) => readRecords(readFileSync(path.join(folder, name))).map(readEvent))
