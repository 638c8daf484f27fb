import test from 'ava'
import { pageAssets } from '../../../lib/report/dashboard/assets.ts'
import { type Format, formatChange, formatValue } from '../../../lib/report/dashboard/format.ts'

/** The client's modules run in any JavaScript as far as they touch no page. */
const client = (name: string) =>
  import(new URL(`../../../lib/report/dashboard/client/${name}.js`, import.meta.url).href)

const formats: Format[] = ['number', 'share', 'count', 'bytes', 'small']
const values = [0, 1, -1, 0.5, 1e-7, 12.3456, 9.9999, 1234567.8, 2 ** 31, null, undefined, Number.NaN]

test('both sides write values alike', async (t) => {
  const { formatValue: clientValue } = await client('format')
  for (const format of formats)
    for (const value of values)
      t.is(clientValue(value, format), formatValue(value, format), `${format} ${value}`)
})

test('values as they are read', (t) => {
  t.is(formatValue(3.21456, 'number'), '3.215')
  t.is(formatValue(0.1234, 'share'), '12.3 %')
  t.is(formatValue(1234567, 'count'), '1,234,567')
  t.is(formatValue(3 * 2 ** 29, 'bytes'), '1.50 GiB')
  t.is(formatValue(0.000123456, 'small'), '0.000123')
  t.is(formatValue(null, 'share'), '–')
  t.is(formatChange(-0.0123, 'share'), '−1.2')
  t.is(formatChange(0.2, 'share'), '+20.0')
  t.is(formatChange(0.0001, 'share'), '±0.0')
})

test('series of different steps are put over all of them', async (t) => {
  const { alignSeries, lastKnown } = await client('series')
  const { x, ys } = alignSeries([
    { x: [1, 3], y: [10, 30] },
    { x: [2, 3, 4], y: [null, 3, 4] },
  ])
  t.deepEqual(x, [1, 2, 3, 4])
  t.deepEqual(ys, [
    [10, null, 30, null],
    [null, null, 3, 4],
  ])
  t.is(lastKnown(ys[0], 3), 2)
  t.is(lastKnown(ys[1], 1), -1)
})

test('a smoothed line keeps what is constant, falls by half as said, and leaves holes', async (t) => {
  const { smooth } = await client('series')
  const close = (found: number[], wanted: number[]) =>
    found.forEach((value, index) => {
      t.true(Math.abs(value - wanted[index]) < 1e-12)
    })
  close(smooth([3, 3, 3], 2), [3, 3, 3])
  close(smooth([0, 0, 1], 1), [0, 0, 4 / 7])
  t.deepEqual(smooth([null, 2, null, 2], 4), [null, 2, null, 2])
})

test('what a chart says at a step', async (t) => {
  const { alignSeries } = await client('series')
  const { readoutAt } = await client('readout')
  const series = [
    { name: 'a', look: 'line', x: [1, 3], y: [1, 3] },
    { name: 'b', look: 'line', x: [2, 4], y: [2, 4] },
    { name: 'base', look: 'level', x: [0, 4], y: [9, 9] },
  ]
  const aligned = alignSeries(series)
  t.is(readoutAt(series, aligned, 'count', 3).text, 'step 3: a 3; b 2; base 9')
  // The first one ended at step 3.
  t.deepEqual(readoutAt(series, aligned, 'count', 4).values, ['–', '4', '9'])
  t.deepEqual(readoutAt(series, aligned, 'count', null).values, ['3', '4', '9'])
})

test('the modules become one script', (t) => {
  const [, script] = pageAssets().scripts
  t.notRegex(script, /^\s*(import|export)\b/m)
  t.notThrows(() => new Function(script))
})
