/**
 * Writes lib/tensor/native-ops.ts, the TypeScript declarations of the native ops, from the list of fields the addon
 * itself binds by (native/ops.h). `--check` only compares; test/tensor/native-ops.test.ts does so in CI.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { loadNative, type OpDescription } from '../lib/tensor/native.ts'

const target = new URL('../lib/tensor/native-ops.ts', import.meta.url)

function typeOf(field: OpDescription['fields'][number]): string {
  if (field.choices)
    return field.choices
      .split('|')
      .map((choice) => `'${choice}'`)
      .join(' | ')
  if (!field.shape) return field.role
  return field.role.startsWith('optional') ? 'NativeTensor | null' : 'NativeTensor'
}

export function declarations(ops: OpDescription[]): string {
  const methods = ops.map(({ name, fields }) => {
    const documented = fields
      .filter((field) => field.shape)
      .map(
        (field) =>
          `   * @param ${field.name} ${field.role.replaceAll('_', ' ')}, [${field.shape}] of ${field.types}`,
      )
    const parameters = fields.map((field) => `    ${field.name}: ${typeOf(field)},`)
    return ['  /**', ...documented, '   */', `  ${name}(`, ...parameters, '  ): void'].join('\n')
  })
  return [
    '// Made by scripts/generate-native-ops.ts from native/ops.h, which says what each op computes.',
    "import type { NativeTensor } from './native.ts'",
    '',
    '/** The ops of a native device. Each checks its arguments and only queues the work. */',
    'export interface NativeOps {',
    methods.join('\n\n'),
    '}',
    '',
  ].join('\n')
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const text = declarations(loadNative().describeOps())
  if (!process.argv.includes('--check')) writeFileSync(target, text)
  else if (readFileSync(target, 'utf8') !== text) {
    console.error('lib/tensor/native-ops.ts is not what native/ops.h says: run npm run generate')
    process.exit(1)
  }
}
