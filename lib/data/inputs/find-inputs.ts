import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { globSync, isDynamicPattern } from 'tinyglobby'
import { EverlearnError } from '../../error.ts'
import { type Input, type InputFormat, inputFormats } from './input.ts'
import { isGzip } from './read-bytes.ts'

/**
 * The inputs that paths, globs and `-` (standard input) name: in the order given, the files of a glob by their names.
 *
 * @param options.format of all of them; by default each one's ending tells (.jsonl, .ndjson, .parquet, for pairs any
 * other one is TSV, else text)
 * @param options.pairs whether they hold labelled pairs
 * @throws EverlearnError `INPUT_MISSING`, `INPUT_TWICE`, `FORMAT_UNKNOWN`
 */
export function findInputs(
  names: readonly string[],
  { format, pairs = false }: { format?: InputFormat; pairs?: boolean } = {},
): Input[] {
  if (names.length === 0) {
    throw new EverlearnError(
      'INPUT_MISSING',
      'no input was given; name at least one file, or - for standard input',
    )
  }
  if (format !== undefined && !inputFormats.includes(format)) {
    throw unknownFormat(`there is no format ${format}; choose one of ${inputFormats.join(', ')}`)
  }
  const inputs = names
    .map((name) => (name === '/dev/stdin' ? '-' : name))
    .flatMap((name) => filesOf(name))
    .map((path) => inputAt(path, format, pairs))
  const seen = new Map<string, string>()
  for (const { path } of inputs) {
    const real = path === '-' ? path : realpathSync(path)
    const before = seen.get(real)
    if (before !== undefined) {
      const same = before === path ? path : `${path}, which is ${before},`
      throw new EverlearnError('INPUT_TWICE', `${same} is given twice; name every input once`)
    }
    seen.set(real, path)
  }
  return inputs
}

/** A name that is no file may be a glob. */
function filesOf(name: string): string[] {
  if (name === '-' || statSync(name, { throwIfNoEntry: false }) !== undefined) return [name]
  if (!isDynamicPattern(name)) {
    throw new EverlearnError(
      'INPUT_MISSING',
      `${name} does not exist; give files, a glob such as 'text/*.txt', or -`,
    )
  }
  const found = globSync(name, { expandDirectories: false, onlyFiles: true })
  if (found.length === 0) {
    throw new EverlearnError(
      'INPUT_MISSING',
      `no file matches ${name}; see whether the folder and the ending are right`,
    )
  }
  return found.sort((a, b) => (a < b ? -1 : 1))
}

function inputAt(path: string, format: InputFormat | undefined, pairs: boolean): Input {
  const file = path === '-' ? { size: null, packed: false } : lookAt(path)
  const input = {
    path,
    title: path === '-' ? 'standard input' : path,
    format: format ?? formatOf(path, pairs),
    ...file,
  }
  if (pairs ? input.format === 'text' : input.format === 'tsv') {
    throw unknownFormat(
      pairs
        ? `${input.title} cannot hold pairs as plain text; give TSV, JSONL or Parquet`
        : `${input.title} is a table of columns; give text, JSONL or Parquet, or say which columns are pairs with --pairs`,
    )
  }
  if (path === '-' && input.format === 'parquet') {
    throw unknownFormat('Parquet cannot be read from standard input, its end comes first; give the file')
  }
  return input
}

/** Size of a file, and whether it begins as gzip does. */
function lookAt(path: string): { size: number; packed: boolean } {
  const found = statSync(path)
  if (found.isDirectory()) {
    throw new EverlearnError(
      'INPUT_MISSING',
      `${path} is a directory; name its files, for example '${path}/*.txt'`,
    )
  }
  try {
    const file = openSync(path, 'r')
    const head = Buffer.alloc(2)
    try {
      readSync(file, head)
    } finally {
      closeSync(file)
    }
    return { size: found.size, packed: isGzip(head) }
  } catch (cause) {
    throw new EverlearnError(
      'FILE_UNREADABLE',
      `cannot read ${path}: ${(cause as Error).message}; see to its permissions`,
      { cause },
    )
  }
}

const endings: Record<string, InputFormat> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
  tsv: 'tsv',
  txt: 'text',
}
/** Files whose contents would be taken for text although they are none. */
const unclear = new Set(['json', 'csv', 'xml', 'html', 'zip', 'zst', 'bz2', 'xz', 'tar', 'tgz', 'pdf'])

function formatOf(path: string, pairs: boolean): InputFormat {
  const ending = /\.(\w+)$/.exec(path.replace(/\.gz$/, ''))?.[1].toLowerCase() ?? ''
  if (unclear.has(ending)) {
    throw unknownFormat(
      `the ending .${ending} of ${path} does not say which form its text has; give --format ` +
        `(${inputFormats.join(', ')}) if it is one of these, or convert it`,
    )
  }
  return endings[ending] ?? (pairs ? 'tsv' : 'text')
}

function unknownFormat(message: string): EverlearnError {
  return new EverlearnError('FORMAT_UNKNOWN', message)
}
