import { readFileSync } from 'node:fs'
import path from 'node:path'
import { importModule } from '../data/import-module.ts'
import { EverlearnError } from '../error.ts'
import { checkPlan, type RunPlan } from './run-plan.ts'

const modules = ['.ts', '.mts', '.js', '.mjs']

/**
 * Reads a plan: a JSON file, or a TypeScript or JavaScript module whose default export it is. Relative paths in it
 * start from the file's folder.
 *
 * @throws EverlearnError `FILE_UNREADABLE`, `PLAN_INVALID`
 */
export async function readPlan(file: string): Promise<RunPlan> {
  const text = readText(file)
  const extension = path.extname(file)
  const given = modules.includes(extension)
    ? await defaultExport(path.resolve(file), file)
    : parse(text, file, extension)
  return checkPlan(given, path.dirname(path.resolve(file)), file)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new EverlearnError(
      'FILE_UNREADABLE',
      `cannot read the plan ${file}: ${(cause as Error).message}; give the path of a .ts or .json file`,
      { cause },
    )
  }
}

async function defaultExport(absolute: string, file: string): Promise<unknown> {
  let module: Record<string, unknown>
  try {
    module = await importModule(absolute)
  } catch (cause) {
    throw invalid(`cannot load the plan ${file}: ${(cause as Error).message}`, { cause })
  }
  if (typeof module.default === 'object' && module.default !== null) return module.default
  throw invalid(`${file} does not export a plan; write \`export default { … }\``)
}

function parse(text: string, file: string, extension: string): unknown {
  if (extension !== '.json') {
    throw invalid(`${file} is no plan; a plan is a .json file or a module (${modules.join(', ')})`)
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(`${file} is not JSON: ${(cause as Error).message}`, { cause })
  }
}

function invalid(message: string, options?: ErrorOptions): EverlearnError {
  return new EverlearnError('PLAN_INVALID', message, options)
}
