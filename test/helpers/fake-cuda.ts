import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('../..', import.meta.url))
const addon: string = createRequire(import.meta.url)('node-gyp-build').resolve(root)
const objects = path.join(root, 'cmake-build/CMakeFiles/everlearn_cuda_objects.dir')
const sources = path.join(root, 'test/native/fixtures/fake-cuda')
const libraries = ['libcublasLt.so.13', 'libcudnn.so.9', 'libnvrtc.so.13', 'libnccl.so.2']

/** A call of a function, by name, that answers a status of its library instead of 0. */
export interface Answer {
  function: string
  status: number
  /** Calls that go well before (0) and how many do not then (1). */
  skip?: number
  times?: number
}

const filesIn = (folder: string, extension: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => path.join(folder, name))

/** The CUDA backend of the build tree, linked to a run time and libraries that need no GPU; with the addon in `folder`. */
function link(folder: string): void {
  const release = path.join(folder, 'build/Release')
  mkdirSync(release, { recursive: true })
  copyFileSync(addon, path.join(release, 'everlearn.node'))
  const fake = path.join(folder, 'libfake_cuda.so')
  const shared = ['-shared', '-Xcompiler', '-fPIC', '--cudart', 'none']
  execFileSync('nvcc', ['-std=c++17', ...shared, '-o', fake, ...filesIn(sources, '.cc')], { stdio: 'pipe' })
  const options = [`version-script=${root}/native/cuda/exports.map`, 'z,defs', `rpath,${folder}`]
  execFileSync('c++', [
    ...['-shared', '-o', path.join(release, 'libeverlearn_cuda.so'), ...filesIn(objects, '.o'), fake],
    ...options.map((option) => `-Wl,${option.startsWith('version') ? '--' : '-'}${option}`),
    '-ldl',
  ])
  for (const name of libraries) symlinkSync('libfake_cuda.so', path.join(folder, name))
}

/** Says how the next calls of functions go, and forgets what was said before. */
export type Script = (...answers: Answer[]) => void

/**
 * Makes this process's `openDevice('cuda')` one on fakes (test/native/fixtures/fake-cuda) with this much memory; call it
 * before anything opens a device. Where the CUDA backend is not built, `test` skips.
 */
export function withFakeCuda(memoryBytes: number): { test: typeof test.serial; script: Script } {
  if (!existsSync(objects)) {
    const skip = ((title: string, run: () => void) =>
      test.skip(`${title} (the CUDA backend is not built)`, run)) as typeof test.serial
    return { test: skip, script: () => {} }
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'everlearn-fake-cuda-'))
  const file = path.join(folder, 'script')
  test.before(() => link(folder))
  test.after.always(() => rmSync(folder, { recursive: true }))
  Object.assign(process.env, {
    EVERLEARN_PREBUILD: folder,
    EVERLEARN_CUDA_PATH: folder,
    EVERLEARN_CACHE: path.join(folder, 'cache'),
    FAKE_CUDA_SCRIPT: file,
    FAKE_CUDA_BYTES: String(memoryBytes),
  })
  const script: Script = (...answers) => {
    const lines = answers.map(
      ({ function: name, status, skip = 0, times = 1 }) => `${name} ${skip} ${times} ${status}\n`,
    )
    writeFileSync(`${file}.new`, lines.join(''))
    renameSync(`${file}.new`, file)
  }
  return { test: test.serial, script }
}
