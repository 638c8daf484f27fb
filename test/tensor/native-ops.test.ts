import { readFileSync } from 'node:fs'
import test from 'ava'
import { loadNative } from '../../lib/tensor/native.ts'
import { declarations } from '../../scripts/generate-native-ops.ts'

test('declarations of the native ops are those of native/ops.h', (t) => {
  const written = readFileSync(new URL('../../lib/tensor/native-ops.ts', import.meta.url), 'utf8')
  t.is(written, declarations(loadNative().describeOps()), 'run npm run generate')
})

test('every native op is bound to a device', (t) => {
  const native = loadNative()
  const device = native.openDevice({ backend: 'cpu' })
  t.teardown(() => device.close())
  const described = native.describeOps().map(({ name }) => name)
  t.true(described.length > 0)
  for (const name of described) t.is(typeof Reflect.get(device.ops, name), 'function', name)
})
