/**
 * Packs the package as it ships and uses it where nothing of ours is: an empty folder, scripts off, neither compiler nor
 * our Debian packages in sight. Prints TAP.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const { librariesToBundle } = createRequire(import.meta.url)('./libraries.cjs')
const root = fileURLToPath(new URL('..', import.meta.url))
const work = mkdtempSync(path.join(tmpdir(), 'everlearn-pack-'))
const app = path.join(work, 'app')
const prebuilds = path.join(app, 'node_modules/everlearn/prebuilds/linux-x64')
// Old enough for the systems docs/install.md names: glibc 2.34 and the libstdc++ of GCC 11.
const newestSymbols = { GLIBC: [2, 34], GLIBCXX: [3, 4, 29], CXXABI: [1, 3, 13] }

const environment = { ...process.env, PATH: path.join(work, 'bin') }
// npm gives scripts its settings and this checkout's .bin; the app is to see none of it.
for (const name of Object.keys(environment))
  if (/^(npm_|NODE_|LD_|EVERLEARN_|PREBUILDS_ONLY$|INIT_CWD$)/.test(name)) delete environment[name]

function inApp(command, args) {
  return execFileSync(command, args, {
    cwd: app,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

function inCheckout(command, args) {
  return execFileSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

function binaries() {
  return readdirSync(prebuilds).filter((name) => /\.node$|\.so\.\d+$/.test(name))
}

function assert(truth, message) {
  if (!truth) throw new Error(message)
}

function linkPrograms() {
  mkdirSync(environment.PATH)
  for (const name of ['npm', 'sh', 'env'])
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
      path.join(environment.PATH, name),
    )
  symlinkSync(process.execPath, path.join(environment.PATH, 'node'))
}

function install() {
  inCheckout('npm', ['run', '--silent', 'prebuildify'])
  const packed = inCheckout('npm', ['pack', '--json', '--silent', '--pack-destination', work])
  const [{ filename, size }] = JSON.parse(packed.slice(packed.indexOf('[')))
  console.log(`# ${filename}: ${(size / 1e6).toFixed(1)} MB`)
  mkdirSync(app)
  linkPrograms()
  writeFileSync(path.join(app, 'package.json'), '{ "name": "app", "private": true }\n')
  inApp('npm', [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--silent',
    path.join(work, filename),
  ])
  cpSync(path.join(root, 'test/pack/app'), app, { recursive: true })
}

function noCompiler() {
  for (const name of ['g++', 'gcc', 'cc', 'c++', 'cmake', 'make'])
    assert(!readdirSync(environment.PATH).includes(name), `${name} is on PATH`)
}

function runPath() {
  const dynamic = execFileSync('readelf', ['-d', path.join(prebuilds, 'everlearn.node')], {
    encoding: 'utf8',
  })
  // DT_RPATH and not DT_RUNPATH: the latter would not serve what oneDNN itself needs.
  assert(/\(RPATH\).*\[\$ORIGIN\]/.test(dynamic), `the addon has no RPATH $ORIGIN:\n${dynamic}`)
  assert(!/\(RUNPATH\)/.test(dynamic), 'the addon has a RUNPATH')
}

function complete() {
  for (const { soname, file } of librariesToBundle(path.join(prebuilds, 'everlearn.node')))
    assert(path.dirname(file) === prebuilds, `${soname} comes from ${file}`)
}

function versions() {
  for (const name of binaries()) {
    const file = path.join(prebuilds, name)
    const needs = execFileSync('readelf', ['-V', '-W', file], { encoding: 'utf8' }).split(
      'Version needs section',
    )[1]
    for (const [symbol, family, version] of (needs ?? '').matchAll(
      /Name: (GLIBCXX|GLIBC|CXXABI)_([0-9.]+)/g,
    )) {
      const newest = newestSymbols[family]
      const parts = version.split('.').map(Number)
      const differing = parts.findIndex((part, i) => part !== (newest[i] ?? 0))
      const older = differing < 0 || parts[differing] < (newest[differing] ?? 0)
      assert(older, `${name} needs ${symbol.slice(6)}, newer than ${family}_${newest.join('.')}`)
    }
  }
}

function stripped() {
  for (const name of binaries()) {
    const sections = execFileSync('readelf', ['-S', '-W', path.join(prebuilds, name)], { encoding: 'utf8' })
    assert(!/\.symtab|\.debug_/.test(sections), `${name} holds symbols for a debugger`)
  }
}

function licences() {
  const there = readdirSync(prebuilds)
  assert(there.includes('LICENSES.md'), 'LICENSES.md is missing')
  for (const name of binaries().filter((name) => name !== 'everlearn.node'))
    assert(there.includes(`${name}.txt`), `the licence of ${name} is missing`)
}

/** Runs a program of test/pack/app that trains three steps and tells the losses and the libraries it had loaded. */
function trains(program) {
  const { losses, libraries } = JSON.parse(inApp('node', [program]))
  assert(losses.length === 3 && losses.every(Number.isFinite), `losses are ${losses}`)
  assert(losses[2] < losses[0], `nothing was learned: ${losses}`)
  loadedFromPackage(libraries)
}

function loadedFromPackage(libraries) {
  for (const library of ['everlearn.node', 'libdnnl.so', 'libgomp.so', 'libOpenCL.so']) {
    const loaded = libraries.filter((file) => path.basename(file).startsWith(library))
    assert(loaded.length === 1, `${library} was loaded from ${loaded.join(', ') || 'nowhere'}`)
    assert(path.dirname(loaded[0]) === prebuilds, `${library} was loaded from ${loaded[0]}`)
  }
}

/** The command line, with a plan in TypeScript; `.bin` is what npx runs. */
function commandLine() {
  const command = path.join('node_modules', '.bin', 'everlearn')
  const { problem, origin, libraries } = JSON.parse(inApp(command, ['doctor', '--json']))
  assert(problem === null && origin === 'prebuilt', `doctor finds ${origin}: ${problem}`)
  loadedFromPackage(libraries)
  const sample = 'node_modules/everlearn/examples/quickstart/data'
  const text = [`${sample}/books.txt.gz`, '--vocab', `${sample}/vocab.txt.gz`, '--language', 'en']
  inApp(command, ['prepare', ...text, '--out', 'corpus'])
  inApp(command, ['pretrain', 'plan.ts', '--out', 'run', '--quiet'])
}

function typesResolve() {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    typeRoots: [path.join(root, 'node_modules/@types')],
    strict: true,
    noEmit: true,
  }
  const settings = { compilerOptions, files: ['types.mts', 'plan.ts'] }
  writeFileSync(path.join(app, 'tsconfig.json'), JSON.stringify(settings))
  inApp('node', [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'])
}

const checks = {
  'installs from the tarball with scripts off': install,
  'no compiler is on PATH': noCompiler,
  'the addon looks for libraries beside itself': runPath,
  'every library a machine may lack is beside the addon': complete,
  'nothing needs a newer glibc or libstdc++ than promised': versions,
  'binaries are stripped': stripped,
  'licences of the libraries are there': licences,
  'trains from an ES module': () => trains('esm.mjs'),
  'trains from CommonJS': () => trains('commonjs.cjs'),
  'the command line prepares, and trains by a plan in TypeScript': commandLine,
  'types resolve for a user of the package': typesResolve,
}

let failed = 0
try {
  for (const [index, [name, check]] of Object.entries(checks).entries()) {
    try {
      check()
      console.log(`ok ${index + 1} - ${name}`)
    } catch (error) {
      failed += 1
      console.log(`not ok ${index + 1} - ${name}`)
      console.log(`${error.stdout ?? ''}${error.stack}`.replace(/^/gm, '  # '))
      if (check === install) break
    }
  }
  console.log(`1..${Object.keys(checks).length}`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0
