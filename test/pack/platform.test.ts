import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const binding = fileURLToPath(new URL('../../binding.cjs', import.meta.url))

/** What loading the addon says where its binary is not for this machine. */
function messageOn(platform: string, arch: string, prebuilds: string): string {
  const program = `
    const os = require('node:os')
    Object.defineProperty(process, 'platform', { value: '${platform}' })
    Object.defineProperty(process, 'arch', { value: '${arch}' })
    os.platform = () => '${platform}'
    os.arch = () => '${arch}'
    try { require(${JSON.stringify(binding)}) } catch (error) { console.log(error.message) }
  `
  const environment = { ...process.env, PREBUILDS_ONLY: '1', EVERLEARN_PREBUILD: prebuilds }
  const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', env: environment })
  return stdout
}

test('other systems are told what is supported', (t) => {
  const empty = mkdtempSync(path.join(tmpdir(), 'everlearn-platform-'))
  t.teardown(() => rmSync(empty, { recursive: true }))
  for (const [platform, arch] of [
    ['darwin', 'arm64'],
    ['win32', 'x64'],
    ['linux', 'arm64'],
  ]) {
    const message = messageOn(platform, arch, empty)
    t.regex(message, new RegExp(`no binary of everlearn runs on this machine \\(${platform}-${arch}`))
    t.regex(message, /Supported: linux-x64.*glibc 2\.34/)
    t.notRegex(message, /cmake-js/, 'a build there would fail')
  }
})

test('linux-x64 without a binary is told how to build one', (t) => {
  const empty = mkdtempSync(path.join(tmpdir(), 'everlearn-platform-'))
  t.teardown(() => rmSync(empty, { recursive: true }))
  const message = messageOn('linux', 'x64', empty)
  t.regex(message, /linux-x64 with glibc \d+\.\d+, Node v/)
  t.regex(message, /apt-get install g\+\+ cmake make libdnnl-dev.*npx cmake-js compile --out cmake-build/)
})

test('a binary that cannot be loaded is named with the reason', (t) => {
  const broken = mkdtempSync(path.join(tmpdir(), 'everlearn-platform-'))
  t.teardown(() => rmSync(broken, { recursive: true }))
  const file = path.join(broken, 'prebuilds/linux-x64/everlearn.node')
  spawnSync('mkdir', ['-p', path.dirname(file)])
  writeFileSync(file, 'not a shared library')
  const message = messageOn('linux', 'x64', broken)
  t.regex(message, /The loader said: .*everlearn\.node: (invalid ELF header|file too short)/)
})
