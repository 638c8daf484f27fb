import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('../..', import.meta.url))
const addon: string = createRequire(import.meta.url)('node-gyp-build').resolve(root)
const objects = path.join(root, 'cmake-build/CMakeFiles')
const levels = ['v2', 'v3', 'v4', 'bf16']

interface Symbol {
  kind: string
  name: string
}

function symbols(files: string[], ...options: string[]): Symbol[] {
  const text = execFileSync('nm', [...options, ...files], { encoding: 'utf8', maxBuffer: 1 << 26 })
  return [...text.matchAll(/^[0-9a-f]+ (\S) (.+)$/gm)].map(([, kind, name]) => ({ kind, name }))
}

function objectsOf(level: string): string[] {
  const folder = path.join(objects, `everlearn_kernels_${level}.dir`)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.o'))
    .map((name) => path.join(folder, name))
}

const inBuildTree = existsSync(objects) ? test : test.skip
if (process.env.CI) test('the build tree is there to be checked', (t) => t.true(existsSync(objects)))

// The linker keeps one of several weak definitions: were it that of a higher level, older processors would stop at an
// instruction they do not know.
for (const level of levels)
  inBuildTree(`kernels of level ${level} define no weak symbol`, (t) => {
    const files = objectsOf(level)
    t.true(files.length > 0)
    const weak = symbols(files, '--defined-only').filter(({ kind }) => 'WwVvu'.includes(kind))
    t.deepEqual(weak, [])
  })

for (const level of levels)
  inBuildTree(`kernels of level ${level} stay in names of their own`, (t) => {
    const foreign = symbols(objectsOf(level), '--defined-only', '--extern-only', '--demangle').filter(
      ({ name }) =>
        !name.startsWith(`everlearn::cpu_${level}::`) &&
        !new RegExp(`\\beverlearn_\\w+_${level}$`).test(name),
    )
    t.deepEqual(foreign, [])
  })

test('the addon shows only what Node looks for', (t) => {
  const names = symbols([addon], '--dynamic', '--defined-only').map(({ name }) => name)
  t.deepEqual(names.sort(), ['napi_register_module_v1', 'node_api_module_get_api_version_v1'])
})
