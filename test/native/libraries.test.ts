import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../..', import.meta.url))
const addon: string = require('node-gyp-build').resolve(root)
const { librariesToBundle } = require('../../scripts/libraries.cjs') as {
  librariesToBundle: (addon: string) => { soname: string; file: string }[]
}

test('the addon needs the libraries that are shipped beside it and no other', (t) => {
  const names = librariesToBundle(addon).map(({ soname }) => soname.replace(/\.so\.\d+$/, ''))
  t.deepEqual(names.sort(), ['libOpenCL', 'libdnnl', 'libgomp'])
})

test('a library nobody knows of stops the prebuild', (t) => {
  t.throws(() => librariesToBundle('/bin/bash'), {
    message: /scripts\/libraries\.cjs does not know/,
  })
})

test('libraries are looked for beside the addon first, its own and theirs', (t) => {
  const dynamic = execFileSync('readelf', ['-d', addon], { encoding: 'utf8' })
  t.regex(dynamic, /\(RPATH\).*\[\$ORIGIN\]/)
  t.notRegex(dynamic, /\(RUNPATH\)/)
})

test('the addon stays when the only worker that loaded it ends', (t) => {
  const binding = fileURLToPath(new URL('../../binding.cjs', import.meta.url))
  const inWorker = `
    const device = require(${JSON.stringify(binding)}).openDevice({ backend: 'cpu', threads: 2 })
    const tensor = device.allocate([1 << 16], 'float32')
    device.ops.fill(tensor, 1)
    device.read(tensor).then((bytes) => require('node:worker_threads').parentPort.postMessage(new Float32Array(bytes)[9]))
  `
  const program = `
    const { Worker } = require('node:worker_threads')
    const worker = new Worker(${JSON.stringify(inWorker)}, { eval: true })
    worker.on('message', (value) => { console.log(value); worker.terminate() })
    worker.on('exit', () => setTimeout(() => console.log('alive'), 20))
  `
  t.is(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }), '1\nalive\n')
})
