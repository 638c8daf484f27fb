import { createRequire } from 'node:module'
import test from 'ava'
import type * as Tokenizers from 'tokenizers'
import { type CharacterClass, inClass } from '../../lib/tokenizer/unicode.ts'

const { bertNormalizer, bertPreTokenizer } = createRequire(import.meta.url)('tokenizers') as typeof Tokenizers

test('the classes are those of tokenizers, for every code point', (t) => {
  const off = { cleanText: false, handleChineseChars: false, lowercase: false, stripAccents: false }
  const clean = bertNormalizer({ ...off, cleanText: true })
  const pad = bertNormalizer({ ...off, handleChineseChars: true })
  const strip = bertNormalizer({ ...off, stripAccents: true })
  const split = bertPreTokenizer()
  const observed: Partial<Record<CharacterClass, (text: string) => boolean>> = {
    whitespace: (text) => clean.normalizeString(text) === 'a b',
    removed: (text) => clean.normalizeString(text) === 'ab',
    ideograph: (text) => pad.normalizeString(text).length === text.length + 2,
    punctuation: (text) => split.preTokenizeString(text).length === 3,
    accent: (text) => text.normalize('NFD') === text && strip.normalizeString(text) === 'ab',
  }
  for (const [name, holds] of Object.entries(observed)) {
    const stored = inClass(name as CharacterClass)
    const different: string[] = []
    for (let code = 0; code < 0x110000; code++) {
      // Planes 3 to 13 are empty but for ideographs that no class has.
      if (code === 0xd800) code = 0xe000
      if (code === 0x32000) code = 0xe0000
      if (code === 0xe1000) code = 0xffff0
      if (code === 0x100100) code = 0x10fff0
      if (stored(code) !== holds(`a${String.fromCodePoint(code)}b`)) different.push(code.toString(16))
    }
    t.deepEqual(different, [], name)
  }
})
