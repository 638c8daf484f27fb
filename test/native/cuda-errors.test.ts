import type { ExecutionContext } from 'ava'
import { add } from '../../lib/ops/add.ts'
import { attention } from '../../lib/ops/attention.ts'
import { linear } from '../../lib/ops/linear.ts'
import { type Device, openDevice } from '../../lib/tensor/device.ts'
import { withFakeCuda } from '../helpers/fake-cuda.ts'

// What the CUDA backend makes of failures, on a CUDA that fails as it is told to.
const memory = 64 << 20
const { test, script } = withFakeCuda(memory)

const status = {
  cudaErrorMemoryAllocation: 2,
  cudaErrorNoDevice: 100,
  cudaErrorNotReady: 600,
  cudaErrorIllegalAddress: 700,
  cudaErrorLaunchOutOfResources: 701,
  CUBLAS_STATUS_EXECUTION_FAILED: 13,
  CUBLAS_STATUS_NOT_SUPPORTED: 15,
  CUDNN_STATUS_EXECUTION_FAILED: 5000,
}

async function opened(t: ExecutionContext, name = 'cuda'): Promise<Device> {
  const device = await openDevice(name)
  t.teardown(() => device.close())
  return device
}

/** Data goes to the device and back, after an operation. */
async function works(t: ExecutionContext, device: Device): Promise<void> {
  using _scope = device.scope()
  const values = Float32Array.of(1, -2, 3)
  const tensor = device.tensor(values)
  add(tensor, tensor)
  t.deepEqual(await tensor.read(), values)
}

test('a GPU that is not there, is too old or hidden is told apart, by code', async (t) => {
  const device = await opened(t)
  t.like(device.info(), { backend: 'cuda', device: 'cuda:0', isa: 'sm_90', name: 'a GPU that is not there' })
  await works(t, device)
  await t.throwsAsync(openDevice('cuda:3'), {
    name: 'EverlearnError',
    code: 'NO_DEVICE',
    message: /no device cuda:3: this process sees 3 GPUs, counted from cuda:0/,
  })
  await t.throwsAsync(openDevice('cuda:1'), { code: 'UNSUPPORTED_GPU', message: /cuda:1 .* 7\.5, 8\.0/ })
  script({ function: 'cudaGetDeviceCount', status: status.cudaErrorNoDevice })
  await t.throwsAsync(openDevice('cuda'), { code: 'NO_GPU', message: /nvidia-smi and CUDA_VISIBLE_DEVICES/ })
  script({ function: 'cudaStreamCreateWithFlags', status: status.cudaErrorMemoryAllocation })
  await t.throwsAsync(openDevice('cuda'), { code: 'OUT_OF_MEMORY', message: /making a stream/ })
  await works(t, await opened(t, 'cuda:2'))
})

test('no memory for a tensor: who asked for how much, what is free; after that there is', async (t) => {
  const device = await opened(t)
  await device.synchronize()
  const large = device.empty([40 << 20], 'uint8')
  const error = t.throws(() => device.empty([9 << 20], 'float32', 'linear'), { code: 'OUT_OF_MEMORY' })
  const asked = 9 << 22
  t.regex(
    error?.message ?? '',
    new RegExp(`^linear: out of memory: ${asked} bytes asked for, ${large.size} in use`),
  )
  const free = Number(/(\d+) bytes free on the device/.exec(error?.message ?? '')?.[1])
  t.true(free > 0 && free <= memory - large.size, `${free} bytes free`)
  await works(t, device)
  large.dispose()
  // What was disposed is kept for tensors of its size and must be given back for one of another.
  device.empty([12 << 20], 'float32').dispose()
  await works(t, device)
  device.trim()
  await device.synchronize()
})

test('no memory while an operation runs: it is named, with the bytes it wanted, and the next ones run', async (t) => {
  const device = await opened(t)
  using _scope = device.scope()
  const weight = device.tensor(new Float32Array(512 * 512), [512, 512])
  const x = device.empty([4, 512], 'bfloat16')
  const y = device.tensor([5, 6])
  device.empty([4, 512], 'bfloat16').dispose() // is there for the result: the next block is the operation's own
  await device.synchronize()
  script({ function: 'cudaMallocFromPoolAsync', status: status.cudaErrorMemoryAllocation })
  linear(x, weight)
  device.write(y, [7, 8]) // is skipped
  const error = await t.throwsAsync(y.read(), { code: 'OUT_OF_MEMORY' })
  t.regex(
    error?.message ?? '',
    /^linear: 524288 bytes asked for a compute copy of weights: out of memory, \d+ bytes free on the device/,
  )
  t.deepEqual(await y.read(), Float32Array.of(5, 6))
  linear(x, weight)
  await works(t, device)
})

test('no memory for a faster copy to the device: the slower one', async (t) => {
  const device = await opened(t)
  using _scope = device.scope()
  const tensor = device.empty([3], 'float32')
  script({ function: 'cudaMallocFromPoolAsync', status: status.cudaErrorMemoryAllocation })
  device.write(tensor, [1, 2, 3])
  t.deepEqual(await tensor.read(), Float32Array.of(1, 2, 3))
})

test('a launch that is refused: the operation is named, what follows is skipped, then the device works', async (t) => {
  const device = await opened(t)
  using _scope = device.scope()
  const x = device.tensor([1, 2])
  const kept = device.tensor([5])
  await device.synchronize()
  for (let round = 0; round < 2; round++) {
    script({ function: 'cudaLaunchKernel', status: status.cudaErrorLaunchOutOfResources })
    add(x, x)
    device.write(kept, [6])
    await t.throwsAsync(device.synchronize(), { code: 'CUDA', message: /^add: / })
    t.deepEqual(await kept.read(), Float32Array.of(5))
    await works(t, device)
  }
})

test('a copy that is refused names itself', async (t) => {
  const device = await opened(t)
  using _scope = device.scope()
  const x = device.tensor([1, 2])
  await device.synchronize()
  script({ function: 'cudaMemcpyAsync', status: 1 })
  device.write(x, [3, 4])
  await t.throwsAsync(device.synchronize(), { code: 'CUDA', message: /^upload: copying to the device: / })
  script({ function: 'cudaMemcpyAsync', status: 1 })
  await t.throwsAsync(x.read(), { code: 'CUDA', message: /^read: copying from the device: / })
  script({ function: 'cudaEventRecord', status: 1 })
  await t.throwsAsync(device.synchronize(), { code: 'CUDA', message: /waiting for the device/ })
  await works(t, device)
})

test('memory for transfers that is still in use is no failure of the next operation', async (t) => {
  const device = await opened(t)
  using _scope = device.scope()
  const x = device.tensor([1, 2])
  await device.synchronize()
  script({ function: 'cudaEventQuery', status: status.cudaErrorNotReady })
  const reading = x.read() // asks on the executor
  add(x, x)
  t.deepEqual(await reading, Float32Array.of(1, 2))
  await t.notThrowsAsync(device.synchronize())
})

test('a product that cuBLASLt has nothing for, or that it fails', async (t) => {
  const device = await opened(t)
  using _scope = device.scope()
  const x = device.tensor(new Float32Array(6), [2, 3])
  const weightOf = (outputs: number) => device.tensor(new Float32Array(3 * outputs), [outputs, 3])
  for (const [outputs, answer] of [
    [4, { function: 'cublasLtHasNone', status: 1 }],
    [5, { function: 'cublasLtMatmulAlgoGetHeuristic', status: status.CUBLAS_STATUS_NOT_SUPPORTED }],
  ] as const) {
    const weight = weightOf(outputs)
    script(answer)
    linear(x, weight)
    await t.throwsAsync(device.synchronize(), {
      code: 'CUBLAS',
      message: `linear: cuBLASLt multiplies no matrices of ${outputs} x 3 and 3 x 2 values of float32`,
    })
  }
  const weight = weightOf(6)
  script({ function: 'cublasLtMatmul', status: status.CUBLAS_STATUS_EXECUTION_FAILED })
  linear(x, weight)
  await t.throwsAsync(device.synchronize(), { code: 'CUBLAS', message: /^linear: multiplying: a scripted/ })
  linear(x, weight)
  await works(t, device)
})

test('attention that cuDNN fails is told; a shape it has nothing for is our own', async (t) => {
  const device = await opened(t)
  using _scope = device.scope()
  const offsets = device.tensor(Int32Array.of(0, 8))
  const attend = (hidden: number) => attention(device.empty([8, 3 * hidden], 'bfloat16'), offsets, 2)
  await device.synchronize()
  script({ function: 'cudnnBackendExecute', status: status.CUDNN_STATUS_EXECUTION_FAILED })
  attend(32)
  await t.throwsAsync(device.synchronize(), {
    code: 'CUDNN',
    message: 'attention: launching cuDNN: a scripted failure of cuDNN (its detail)',
  })
  attend(32)
  await works(t, device)
  // Were it given to cuDNN, executing it would fail.
  script(
    { function: 'cudnnHasNone', status: 1, times: 1000 },
    { function: 'cudnnBackendExecute', status: status.CUDNN_STATUS_EXECUTION_FAILED, times: 1000 },
  )
  attend(64)
  attend(12)
  await works(t, device)
  script()
})

test('a tensor of another device is refused where it is given', async (t) => {
  const [first, second, cpu] = [await opened(t), await opened(t, 'cuda:2'), await opened(t, 'cpu')]
  const [a, b, c] = [first, second, cpu].map((device) => device.tensor([1, 2]))
  const wanted = { name: 'TypeError', code: 'ARGUMENT', message: /this tensor is another device's/ }
  for (const [device, own, others] of [
    [first, a, [b, c]],
    [second, b, [a, c]],
    [cpu, c, [a, b]],
  ] as const)
    for (const other of others) {
      t.throws(() => device.run('add', own, other, own), { ...wanted, message: /^add: b: this tensor/ })
      t.throws(() => device.write(other, [3, 4]), wanted)
      t.throws(() => device.native.read(other.handle('read')), wanted)
    }
  for (const device of [first, second, cpu]) await device.synchronize()
  for (const tensor of [a, b, c]) t.deepEqual(await tensor.read(), Float32Array.of(1, 2))
})

test('after a failure that a GPU does not survive every call says so and none waits', async (t) => {
  const device = await opened(t)
  const x = device.tensor([1, 2])
  await device.synchronize()
  script({ function: 'cudaEventSynchronize', status: status.cudaErrorIllegalAddress })
  add(x, x)
  const final = { code: 'CUDA', message: /nothing more can run on this device in this process/ }
  const error = await t.throwsAsync(device.synchronize(), final)
  t.regex(error?.message ?? '', /^running what was queued: an illegal memory access was encountered;/)
  t.throws(() => add(x, x), final)
  await t.throwsAsync(x.read(), final)
  await t.throwsAsync(device.synchronize(), final)
  await t.throwsAsync(openDevice('cuda'))
})
