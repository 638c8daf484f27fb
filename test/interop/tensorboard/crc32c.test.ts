import test from 'ava'
import fc from 'fast-check'
import { crc32c, maskedCrc32c } from '../../../lib/interop/tensorboard/crc32c.ts'
import { crcByBits } from '../../helpers/read-events.ts'

test('the test values of RFC 3720, B.4, and the usual one', (t) => {
  t.is(crc32c(new Uint8Array(32)), 0x8a9136aa)
  t.is(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43)
  t.is(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e)
  t.is(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c)
  t.is(crc32c(Buffer.from('123456789')), 0xe3069283)
})

test('any bytes have the CRC that is made bit by bit', (t) => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32c(bytes) === crcByBits(bytes)))
  t.pass()
})

test('the mask is that of TFRecord files', (t) => {
  // Values of masked_crc32c in tensorboard 2.21.
  t.is(maskedCrc32c(Buffer.from('1800000000000000', 'hex')), 0x224b7fa3)
  t.is(maskedCrc32c(Buffer.from('everlearn')), 0xd0681579)
})
