import test from 'ava'
import fc from 'fast-check'
import { add } from '../../lib/ops/add.ts'
import { linear } from '../../lib/ops/linear.ts'
import { openDevice } from '../../lib/tensor/device.ts'
import {
  fromBfloat16Bits,
  fromFloat16Bits,
  toBfloat16Bits,
  toFloat16Bits,
  toFloat32,
} from '../../lib/tensor/dtype.ts'

const device = await openDevice()

test.serial('values come back as they were given, in every dtype', async (t) => {
  using _scope = device.scope()
  t.deepEqual(await device.tensor([1.5, -2, 3], [3, 1]).read(), Float32Array.of(1.5, -2, 3))
  t.deepEqual(await device.tensor(Int32Array.of(-7, 2 ** 31 - 1)).read(), Int32Array.of(-7, 2 ** 31 - 1))
  t.deepEqual(await device.tensor(Uint8Array.of(0, 255)).read(), Uint8Array.of(0, 255))
  const half = device.tensor([1, -2, 0.5], [3], 'bfloat16')
  t.deepEqual(await half.read(), Uint16Array.of(0x3f80, 0xc000, 0x3f00))
  t.deepEqual(await half.toFloat32(), Float32Array.of(1, -2, 0.5))
  const bits = device.tensor(Uint16Array.of(0x3c00, 0x7bff), [2], 'float16')
  t.deepEqual(await bits.toFloat32(), Float32Array.of(1, 65504))
  t.deepEqual(await device.full([2], 7, 'int32').read(), Int32Array.of(7, 7))
})

test.serial('an array over shared memory is copied at once', async (t) => {
  using _scope = device.scope()
  const shared = new Int32Array(new SharedArrayBuffer(12))
  shared.set([1, 2, 3])
  const tensor = device.tensor(shared)
  shared.fill(9)
  t.deepEqual(await tensor.read(), Int32Array.of(1, 2, 3))
})

test('half precisions round to nearest, ties to even, and every half survives the way to float32 and back', (t) => {
  for (let bits = 0; bits < 65536; bits++) {
    const bfloat16 = fromBfloat16Bits(bits)
    if (!Number.isNaN(bfloat16) && toBfloat16Bits(bfloat16) !== bits) t.fail(`bfloat16 ${bits}`)
    const float16 = fromFloat16Bits(bits)
    if (!Number.isNaN(float16) && toFloat16Bits(float16) !== bits) t.fail(`float16 ${bits}`)
  }
  t.true(Number.isNaN(fromBfloat16Bits(toBfloat16Bits(Number.NaN))))
  t.true(Number.isNaN(fromFloat16Bits(toFloat16Bits(Number.NaN))))
  t.is(toFloat16Bits(65519), 0x7bff)
  t.is(toFloat16Bits(65520), 0x7c00)
  t.is(toFloat16Bits(2 ** -25), 0)
  t.is(toFloat16Bits(1.5 * 2 ** -24), 2)
  t.is(toBfloat16Bits(1 + 2 ** -8), 0x3f80)
  t.is(toBfloat16Bits(1 + 3 * 2 ** -8), 0x3f82)
  t.deepEqual(toFloat32(Uint8Array.of(3), 'uint8'), Float32Array.of(3))
})

test.serial('conversions on the device agree with those here', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 20 }), async (drawn) => {
      using _scope = device.scope()
      // The bfloat16 instructions take what is below the smallest normal number for 0.
      const values = drawn.map((value) => (Math.abs(value) < 2 ** -126 ? 0 : value))
      for (const dtype of ['bfloat16', 'float16'] as const) {
        const exact = device.tensor(values)
        const converted = device.empty([values.length], dtype)
        device.run('copy', exact, converted)
        t.deepEqual(
          await converted.toFloat32(),
          await device.tensor(values, [values.length], dtype).toFloat32(),
        )
      }
    }),
    { seed: 1 },
  )
})

test.serial('slices and reshapes share the memory', async (t) => {
  using _scope = device.scope()
  const tensor = device.tensor([1, 2, 3, 4, 5, 6], [3, 2])
  const middle = tensor.slice(1, 2)
  t.deepEqual(middle.shape, [1, 2])
  device.write(middle, [30, 40])
  t.deepEqual(await tensor.reshape([6]).read(), Float32Array.of(1, 2, 30, 40, 5, 6))
  tensor.dispose()
  t.deepEqual(await middle.read(), Float32Array.of(30, 40), 'a view keeps the memory')
  t.throws(() => middle.slice(0, 2), { code: 'SHAPE' })
  t.throws(() => middle.reshape([3]), { code: 'SHAPE' })
})

test.serial('a disposed tensor is named with the operation that met it', async (t) => {
  using _scope = device.scope()
  const x = device.tensor([1, 2], [1, 2])
  const weight = device.tensor([1, 2], [1, 2])
  x.dispose()
  x.dispose()
  t.true(x.disposed)
  t.throws(() => linear(x, weight), { code: 'TENSOR_DISPOSED', message: /^linear: .*\[1, 2\].*disposed/ })
  await t.throwsAsync(() => x.read(), { code: 'TENSOR_DISPOSED', message: /^read: / })
  t.throws(() => x.slice(0, 1), { code: 'TENSOR_DISPOSED' })
})

test.serial('values that do not fit a shape are refused', (t) => {
  using _scope = device.scope()
  t.throws(() => device.tensor([1, 2, 3], [2, 2]), { code: 'SHAPE' })
  t.throws(() => device.write(device.zeros([2], 'float32'), [1]), { code: 'SHAPE' })
  t.throws(() => device.tensor(Uint16Array.of(1) as never), { code: 'DTYPE' })
})

test.serial('a scope frees what was made in it, except what is kept', async (t) => {
  await device.synchronize()
  const before = device.memory().live
  {
    using outer = device.scope()
    let kept: ReturnType<typeof device.zeros>
    {
      using inner = device.scope()
      const a = device.zeros([1000], 'float32')
      kept = inner.keep(add(a, a))
      t.is(inner.size, 1)
    }
    t.is(outer.size, 1, 'what the inner scope kept belongs to the outer one')
    t.deepEqual((await kept.read()).length, 1000)
    const forever = device.unscoped(() => device.zeros([10], 'float32'))
    t.is(outer.size, 1)
    forever.dispose()
  }
  await device.synchronize()
  t.is(device.memory().live, before)
})

test.serial('a scope ends although something in it throws', (t) => {
  const before = device.memory().live
  t.throws(() => {
    using _scope = device.scope()
    device.zeros([1000], 'float32')
    throw new Error('stop')
  })
  t.is(device.memory().live, before)
})

test.serial('a tensor of another device is refused by whatever it is given to', async (t) => {
  const others = await openDevice('cpu')
  t.teardown(() => others.close())
  const [own, other] = [device.tensor([1, 2]), others.tensor([3, 4])]
  const refused = { name: 'TypeError', code: 'ARGUMENT', message: /this tensor is another device's/ }
  t.throws(() => add(own, other), refused)
  t.throws(() => device.write(other, [5, 6]), refused)
  t.throws(() => device.native.read(other.handle('read')), refused)
  t.deepEqual(await other.read(), Float32Array.of(3, 4))
  t.deepEqual(await own.read(), Float32Array.of(1, 2))
})
