import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { openDevice } from '../../lib/tensor/device.ts'
import type { CudaDescription } from '../../lib/tensor/native.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const addon: string = createRequire(import.meta.url)('node-gyp-build').resolve(root)
const built = existsSync(path.join(path.dirname(addon), 'libeverlearn_cuda.so'))
const withBackend = built ? test : test.skip
const withoutBackend = built ? test.skip : test

const folder = mkdtempSync(path.join(tmpdir(), 'everlearn-cuda-'))
test.after.always(() => rmSync(folder, { recursive: true }))

/** Names of the functions that the backend takes of each library, as the lists in its header give them. */
function functionsOf(list: string): string[] {
  const header = readFileSync(path.join(root, 'native/cuda/libraries.h'), 'utf8')
  const body = new RegExp(`#define ${list}\\(FN\\)((?:.*\\\\\\n)*.*)\\n`).exec(header)?.[1] ?? ''
  return [...body.matchAll(/FN\((\w+)\)/g)].map(([, name]) => name)
}

/** Makes DIRECTORY/FILE, a shared library of functions that return 0, but for those whose body is given. */
function fakeLibrary(
  directory: string,
  file: string,
  names: string[],
  bodies: Record<string, string> = {},
): string {
  mkdirSync(directory, { recursive: true })
  const functions = names
    .filter((name) => !(name in bodies))
    .map((name) => `long ${name}(void) { return 0; }`)
  const source = path.join(directory, `${file}.c`)
  writeFileSync(source, [...functions, ...Object.values(bodies)].join('\n'))
  const library = path.join(directory, file)
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, source])
  return library
}

/** Runs a module of TypeScript in a process of its own, for libraries are looked for once; what it prints as JSON. */
function inProcess<T>(program: string, environment: Record<string, string>): T {
  const output = execFileSync(process.execPath, ['--import=tsx', '--input-type=module', '-e', program], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })
  return JSON.parse(output) as T
}

const describing = `
  const { describeCuda } = await import(${JSON.stringify(path.join(root, 'lib/tensor/native.ts'))})
  console.log(JSON.stringify(describeCuda()))`

const opening = (name: string) => `
  const { openDevice } = await import(${JSON.stringify(path.join(root, 'lib/tensor/device.ts'))})
  const failure = await openDevice(${JSON.stringify(name)}).then(() => ({ code: 'opened' }), (error) => error)
  console.log(JSON.stringify({ name: failure.name, code: failure.code, message: failure.message }))`

const describe = (environment: Record<string, string>) => inProcess<CudaDescription>(describing, environment)
const libraryIn = ({ libraries }: CudaDescription, name: string) => {
  const found = libraries.find((library) => library.name === name)
  if (!found) throw new Error(`${name} is not described`)
  return found
}
/** A loader without folders of its own that hold libraries of NVIDIA's. */
const bare = {
  EVERLEARN_CUDA_PATH: '',
  CUDA_HOME: '/nowhere',
  HOME: '/nowhere',
  VIRTUAL_ENV: '',
  CONDA_PREFIX: '',
}

withoutBackend('a build without the CUDA backend says so', async (t) => {
  const error = await t.throwsAsync(openDevice('cuda'), { name: 'EverlearnError', code: 'NO_CUDA_BACKEND' })
  t.regex(error?.message ?? '', /libeverlearn_cuda\.so.*docs\/cuda\.md/)
})

withBackend('libraries are taken from the folders of EVERLEARN_CUDA_PATH before all others', (t) => {
  const wheels = path.join(folder, 'wheels')
  const version = { cublasLtGetVersion: 'unsigned long cublasLtGetVersion(void) { return 130201; }' }
  const lt = fakeLibrary(
    path.join(wheels, 'nvidia/cu13/lib'),
    'libcublasLt.so.13',
    functionsOf('EVERLEARN_CUBLASLT'),
    version,
  )
  const nccl = fakeLibrary(path.join(folder, 'nccl/lib'), 'libnccl.so.2', functionsOf('EVERLEARN_NCCL'), {
    ncclGetVersion: 'int ncclGetVersion(int *version) { *version = 22907; return 0; }',
  })
  const found = describe({ ...bare, EVERLEARN_CUDA_PATH: `${wheels}:${path.join(folder, 'nccl')}` })
  t.deepEqual(libraryIn(found, 'cuBLASLt'), { name: 'cuBLASLt', version: '13.2.1', path: lt, problem: null })
  t.deepEqual(libraryIn(found, 'NCCL'), { name: 'NCCL', version: '2.29.7', path: nccl, problem: null })
})

withBackend('a library that lacks a function is passed over and named, the next one taken', (t) => {
  const [old, good] = ['old', 'good'].map((name) => path.join(folder, name))
  const names = functionsOf('EVERLEARN_CUBLASLT')
  t.true(names.includes('cublasLtMatmul'))
  const lacking = fakeLibrary(
    old,
    'libcublasLt.so.13',
    names.filter((name) => name !== 'cublasLtMatmul'),
  )
  const alone = libraryIn(describe({ ...bare, EVERLEARN_CUDA_PATH: old }), 'cuBLASLt')
  t.like(alone, { version: null, path: null })
  t.true(alone.problem?.includes(`${lacking} lacks cublasLtMatmul`))

  const taken = fakeLibrary(good, 'libcublasLt.so.12', names, {
    cublasLtGetVersion: 'unsigned long cublasLtGetVersion(void) { return 120803; }',
  })
  const both = libraryIn(describe({ ...bare, EVERLEARN_CUDA_PATH: `${old}:${good}` }), 'cuBLASLt')
  t.deepEqual(both, { name: 'cuBLASLt', version: '12.8.3', path: taken, problem: null })
})

withBackend('what is too old, is no library or is not there is not used, and why is said', (t) => {
  const directory = path.join(folder, 'unusable')
  const cudnn = fakeLibrary(directory, 'libcudnn.so.9', functionsOf('EVERLEARN_CUDNN'), {
    cudnnGetVersion: 'unsigned long cudnnGetVersion(void) { return 90100; }',
  })
  writeFileSync(path.join(directory, 'libnccl.so.2'), 'no library')
  const found = describe({ ...bare, EVERLEARN_CUDA_PATH: directory })
  t.like(libraryIn(found, 'cuDNN'), {
    path: null,
    problem: `${cudnn} is version 9.1.0; 9.22 or newer is needed`,
  })
  t.regex(libraryIn(found, 'NCCL').problem ?? '', /libnccl\.so\.2: .*(too short|ELF)/)
  t.regex(libraryIn(found, 'NVRTC').problem ?? '', /libnvrtc\.so\.13 was not found: set EVERLEARN_CUDA_PATH/)
})

withBackend('a driver that is missing or too old is told apart, by code', (t) => {
  const driver = path.join(folder, 'driver')
  fakeLibrary(driver, 'libcuda.so.1', ['cuInit'], {
    cuDriverGetVersion: 'int cuDriverGetVersion(int *version) { *version = 12020; return 0; }',
    cuGetProcAddress: `#include <dlfcn.h>
      int cuGetProcAddress_v2(const char *name, void **function, int version, unsigned long flags, int *status) {
        *function = dlsym(RTLD_DEFAULT, name);
        if (!*function) { void *self = dlopen("libcuda.so.1", RTLD_NOW); *function = dlsym(self, name); }
        return *function ? 0 : 500;
      }
      int cuGetProcAddress(const char *name, void **function, int version, unsigned long flags) {
        return cuGetProcAddress_v2(name, function, version, flags, 0);
      }`,
  })
  const old = inProcess<{ name: string; code: string; message: string }>(opening('cuda'), {
    ...bare,
    LD_LIBRARY_PATH: driver,
  })
  t.like(old, { name: 'EverlearnError', code: 'DRIVER_TOO_OLD' })
  t.regex(old.message, /for CUDA 12\.2, .* CUDA 1[3-9]\.0 or newer: update the driver/)

  const found = describe({ ...bare })
  if (found.devices.length > 0) return // the rest is for machines without a GPU
  const { code } = inProcess<{ code: string }>(opening('cuda:0'), bare)
  t.is(code, found.driver === null ? 'NO_DRIVER' : 'NO_GPU')
  t.is(found.problem?.code, code)
})

test('names of devices', async (t) => {
  for (const name of ['gpu', 'cuda:', 'cuda:-1', 'cuda:1x', 'CPU', ''])
    await t.throwsAsync(openDevice(name), { name: 'EverlearnError', code: 'DEVICE_NAME', message: /cuda:N/ })
  const device = await openDevice('cpu')
  t.like(device.info(), { backend: 'cpu', device: 'cpu' })
  device.close()
})

test('the CPU has no collectives', async (t) => {
  const device = await openDevice('cpu')
  const { Communicator } = await import('../../lib/distributed/communicator.ts')
  const options = { id: new Uint8Array(128), rank: 0, size: 1 }
  await t.throwsAsync(Communicator.join(device, options), { code: 'COMMUNICATION', message: /for GPUs/ })
  device.close()
})
