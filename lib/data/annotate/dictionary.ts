import { EverlearnError } from '../../error.ts'
import { readLines } from '../text-lines.ts'
import { createPhraseTrie, type PhraseTrie } from './phrase-trie.ts'
import { wordBounds } from './words.ts'

const longestEntry = 100
const longestLine = 1 << 16
const control = /\p{Cc}/u

/**
 * Reads a user's dictionaries: UTF-8, plain or gzip, one phrase or name a line; blank lines and lines that begin with #
 * do not count. Null when there is no file.
 *
 * @throws EverlearnError `DICTIONARY_UNREADABLE`, `DICTIONARY_INVALID`, `DICTIONARY_EMPTY`, naming file and line
 */
export async function readDictionaries(paths: readonly string[]): Promise<PhraseTrie | null> {
  if (paths.length === 0) return null
  const trie = createPhraseTrie()
  for (const path of paths) {
    let entries = 0
    try {
      for await (const { lines, firstLine } of readLines(path, longestLine)) {
        for (const [index, line] of lines.entries()) {
          if (line.startsWith('#') || line.trim() === '') continue
          checkEntry(line, path, firstLine + index)
          trie.add(line.trim())
          entries++
        }
      }
    } catch (cause) {
      if (!(cause instanceof EverlearnError) || cause.code.startsWith('DICTIONARY_')) throw cause
      throw new EverlearnError('DICTIONARY_UNREADABLE', `a dictionary cannot be read: ${cause.message}`, {
        cause,
      })
    }
    if (entries > 0) continue
    throw new EverlearnError(
      'DICTIONARY_EMPTY',
      `the dictionary ${path} has no entry; write one phrase or name a line, or leave the dictionary out`,
    )
  }
  return trie
}

function checkEntry(line: string, path: string, number: number): void {
  const found = control.exec(line)?.[0]
  if (found !== undefined) {
    const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    throw new EverlearnError(
      'DICTIONARY_INVALID',
      `${path} line ${number} has ${found === '\t' ? 'a tab' : `the control character U+${code}`} in it; ` +
        'write one phrase or name a line and nothing else',
    )
  }
  const words = wordBounds(line).length / 2
  if (words <= longestEntry) return
  throw new EverlearnError(
    'DICTIONARY_INVALID',
    `${path} line ${number} has ${words} words, an entry may have ${longestEntry}; ` +
      'write one phrase or name a line (each Chinese character and each punctuation mark is a word)',
  )
}
