#!/usr/bin/env node
'use strict'
// Stands in for node-gyp under prebuildify (`--node-gyp`): a Node-API build needs neither node-gyp's headers nor
// Python, only cmake-js. Runs in a staging folder, where prebuildify strips and takes what lies in build/Release, so
// that a checkout keeps its own build.
const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { librariesToBundle } = require('./libraries.cjs')

const root = path.dirname(__dirname)
const stage = path.resolve('build/Release')
const licences = path.resolve('licences')

function build() {
  const cmakeJs = require.resolve('cmake-js/bin/cmake-js')
  const { status } = spawnSync(
    process.execPath,
    [cmakeJs, 'build', '--out', 'cmake-build', '--parallel', '2'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
  if (status !== 0) process.exit(status ?? 1)
}

function debianPackage(file) {
  for (const name of new Set([file, file.replace(/^\/usr(?=\/lib)/, ''), fs.realpathSync(file)])) {
    const { status, stdout } = spawnSync('dpkg', ['-S', name], { encoding: 'utf8' })
    if (status === 0) return stdout.split(':')[0]
  }
  throw new Error(
    `${file} belongs to no Debian package, so its licence is not known: build the prebuild on Debian or Ubuntu`,
  )
}

/** The library's licence as its Debian package gives it, with the texts it refers to; one row for LICENSES.md. */
function copyLicence({ soname, file, name, licence, terms }) {
  const owner = debianPackage(file)
  const query = ['-W', '-f', `\${source:Package} \${source:Version}`, owner]
  const source = execFileSync('dpkg-query', query, { encoding: 'utf8' })
  fs.copyFileSync(`/usr/share/doc/${owner}/copyright`, path.join(licences, `${soname}.txt`))
  for (const text of terms)
    fs.copyFileSync(`/usr/share/common-licenses/${text}`, path.join(licences, `${text}.txt`))
  return `| ${soname} | ${name} | ${licence} | ${[`${soname}.txt`, ...terms.map((text) => `${text}.txt`)].join(', ')} | ${source} |`
}

build()
fs.rmSync(stage, { recursive: true, force: true })
fs.rmSync(licences, { recursive: true, force: true })
fs.mkdirSync(stage, { recursive: true })
fs.mkdirSync(licences)

const addon = path.join(root, 'build/Release/everlearn.node')
const libraries = librariesToBundle(addon)
fs.copyFileSync(addon, path.join(stage, 'everlearn.node'))
for (const { soname, file } of libraries) fs.copyFileSync(file, path.join(stage, soname))
// The CUDA backend comes along where it is asked for.
if (process.env.EVERLEARN_CUDA === 'ON')
  fs.copyFileSync(
    path.join(root, 'build/Release/libeverlearn_cuda.so'),
    path.join(stage, 'libeverlearn_cuda.so'),
  )
fs.writeFileSync(
  path.join(licences, 'LICENSES.md'),
  [
    'everlearn.node is under the licence of the package. The libraries beside it are unchanged builds from Debian;',
    'their sources are the Debian source packages named here.',
    '',
    '| file | what it is | licence | text | source package |',
    '| --- | --- | --- | --- | --- |',
    ...libraries.map(copyLicence),
    '',
  ].join('\n'),
)
