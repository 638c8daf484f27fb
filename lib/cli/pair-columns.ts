import type { PairColumns } from '../data/inputs/input.ts'
import { EverlearnError } from '../error.ts'

/**
 * The columns of labelled pairs as `first=NAME,second=NAME,label=NAME`, the last where rows have one.
 *
 * @param labels the labels there may be: `VALUE,VALUE` or, to name them, `VALUE=NAME,VALUE=NAME`
 * @throws EverlearnError `USAGE`
 */
export function parsePairColumns(columns: string | undefined, labels?: string): PairColumns {
  const { first, second, label = null, ...others } = namesOf('columns', columns ?? '')
  if (first === undefined || second === undefined || Object.keys(others).length > 0) {
    throw new EverlearnError(
      'USAGE',
      `--columns is ${columns ?? 'missing'}; give first=NAME,second=NAME and, where rows have one, label=NAME`,
    )
  }
  return { first, second, label, labels: labels === undefined ? null : namesOf('labels', labels) }
}

/** `a=b,c` as an object; a name alone stands for itself. */
function namesOf(option: string, list: string): Record<string, string> {
  const names: Record<string, string> = {}
  for (const item of list.split(',').filter((item) => item !== '')) {
    const [key, value = key] = item.split('=')
    if (Object.hasOwn(names, key)) {
      throw new EverlearnError('USAGE', `--${option} has ${key} twice; name it once`)
    }
    names[key] = value
  }
  return names
}
