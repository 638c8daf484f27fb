import test from 'ava'
import { bytes, duration, short } from '../../lib/train/quantities.ts'

test('durations are told in two units', (t) => {
  t.deepEqual([0, 59.6, 61, 3600, 7380, 90_000, Number.NaN].map(duration), [
    '0s',
    '1m 0s',
    '1m 1s',
    '1h 0m',
    '2h 3m',
    '1d 1h',
    '?',
  ])
})

test('numbers are told in their size', (t) => {
  t.deepEqual([0, 999, 1000, 393_216, 2.5e9, 3e12].map(short), [
    '0',
    '999',
    '1.0k',
    '393.2k',
    '2.5G',
    '3000.0G',
  ])
  t.deepEqual([0, 1023, 1024, 1536, 5 * 2 ** 20, 3 * 2 ** 40].map(bytes), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '5.0 MiB',
    '3072.0 GiB',
  ])
})
