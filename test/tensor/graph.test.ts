import test from 'ava'
import { gatherRows } from '../../lib/ops/gather-rows.ts'
import { linear } from '../../lib/ops/linear.ts'
import { openDevice } from '../../lib/tensor/device.ts'

const device = await openDevice()

test.serial('a run reads what tensors hold by then, and adds up in those made before', async (t) => {
  using _scope = device.scope()
  const x = device.tensor([1, 2, 3, 4], [2, 2])
  const weight = device.parameter([1, 0, 0, 1, 1, 1], [3, 2])
  const total = device.zeros([2, 3], 'float32')
  using graph = device.record(() => {
    const y = linear(x, weight)
    device.run('add', total, y, total)
  })
  t.deepEqual(await total.read(), new Float32Array(6), 'recording runs nothing')
  graph.run()
  t.deepEqual(await total.read(), Float32Array.of(1, 2, 3, 3, 4, 7))
  device.write(x, [10, 20, 0, 0])
  graph.run()
  device.write(weight, [2, 0, 0, 2, 2, 2])
  graph.run()
  t.deepEqual(await total.read(), Float32Array.of(31, 62, 93, 3, 4, 7))
})

test.serial('a backward pass is recorded with its forward', async (t) => {
  using _scope = device.scope()
  const x = device.tensor([1, 2], [1, 2])
  const weight = device.parameter([3, 4], [1, 2])
  t.deepEqual(await weight.gradient.read(), Float32Array.of(0, 0))
  using graph = device.record(() => {
    using tape = device.tape()
    tape.backward(linear(x, weight).reshape([1]))
  })
  graph.run()
  device.write(x, [10, 20])
  graph.run()
  t.deepEqual(await weight.gradient.read(), Float32Array.of(11, 22))
})

test.serial('all graphs share the memory of what lies between', async (t) => {
  await device.synchronize()
  const { live } = device.memory()
  const size = 1 << 16
  const x = device.full([size], 1, 'float32')
  const before = device.memory().live
  const work = () => {
    for (let i = 0; i < 4; i++) {
      using y = device.empty([size], 'float32')
      device.run('add', x, x, y)
      device.run('copy', y, x)
    }
  }
  const graphs = [device.record(work), device.record(work)]
  t.is(device.memory().live - before, 4 * size, 'of one tensor')
  for (const graph of graphs) graph.run()
  t.is((await x.read())[size - 1], 256)
  for (const graph of graphs) graph.dispose()
  await device.synchronize()
  t.is(device.memory().live, before, 'given back with the last one')
  x.dispose()
  t.is(device.memory().live, live)
})

test.serial('a graph keeps what it works on', async (t) => {
  using _scope = device.scope()
  const x = device.full([64], 1, 'float32')
  const y = device.zeros([64], 'float32')
  using graph = device.record(() => device.run('add', y, x, y))
  x.dispose()
  device.full([64], 7, 'float32')
  graph.run()
  t.is((await y.read())[0], 1)
})

test.serial('refused: what cannot be recorded', async (t) => {
  using _scope = device.scope()
  const x = device.tensor([1, 2])
  const refused = { code: 'RECORDING' }
  const { live } = device.memory()
  t.throws(() => device.record(() => device.write(x, [3, 4])), refused)
  t.throws(() => device.record(() => void device.tensor([3, 4])), refused)
  t.throws(() => device.record(() => device.record(() => {})), refused)
  let reading: Promise<unknown> = Promise.resolve()
  device
    .record(() => {
      reading = x.read()
    })
    .dispose()
  await t.throwsAsync(reading, refused)
  const held = t.throws(
    () => device.record(() => void device.unscoped(() => device.zeros([32], 'float32'))),
    refused,
  )
  t.regex(held.message, /128 bytes of tensors/)
  t.throws(
    () =>
      device.record(() => {
        throw new Error('the work’s own')
      }),
    { message: 'the work’s own' },
  )
  device.run('add', x, x, x)
  t.deepEqual(await x.read(), Float32Array.of(2, 4), 'operations are queued again')
  t.true(device.memory().live <= live + 128)

  const graph = device.record(() => device.run('add', x, x, x))
  graph.dispose()
  graph.dispose()
  t.throws(() => graph.run(), { code: 'GRAPH_DISPOSED' })
})

test.serial(
  'an operation that fails in a run is told of at the next wait, and the graph works again',
  async (t) => {
    using _scope = device.scope()
    const x = device.tensor([1, 2], [2, 1])
    const index = device.tensor(Int32Array.of(0, 5))
    const y = device.zeros([2, 1], 'float32')
    using graph = device.record(() => device.run('copy', gatherRows(x, index), y))
    graph.run()
    await t.throwsAsync(device.synchronize(), { message: /gatherRows/ })
    device.write(index, Int32Array.of(1, 0))
    graph.run()
    t.deepEqual(await y.read(), Float32Array.of(2, 1))
  },
)
