import { maskedCrc32c } from './crc32c.ts'

/**
 * One record of a TFRecord file, little endian: length (uint64), masked CRC of the length, data, masked CRC of the data
 * (tensorflow/core/lib/io/record_writer.h).
 */
export function recordOf(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(12 + data.length + 4)
  record.writeBigUInt64LE(BigInt(data.length))
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8)
  record.set(data, 12)
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length)
  return record
}
