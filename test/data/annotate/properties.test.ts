import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { createAnnotator } from '../../../lib/data/annotate/annotator.ts'
import { sentenceSplitters } from '../../../lib/data/sentences.ts'
import { flaws, oneByOne } from '../../helpers/annotation.ts'
import { scratch } from '../../helpers/directory.ts'
import { readLines } from '../../helpers/lines.ts'

const directory = scratch(test)

for (const [language, file, least] of [
  ['en', 'examples/quickstart/data/encyclopedia.txt.gz', { phrases: 4000, entities: 2000 }],
  ['en', 'examples/quickstart/data/books.txt.gz', { phrases: 1500, entities: 400 }],
  ['en', 'examples/quickstart/data/dialogues.txt.gz', { phrases: 500, entities: 300 }],
  ['zh', 'test/fixtures/text/chinese-lines.txt.gz', { phrases: 3000, entities: 300 }],
] as const) {
  test(`annotation of ${file}`, async (t) => {
    const own = join(directory(), 'own.txt')
    writeFileSync(own, 'of the\nin a\nis\n这个\n的人\n')
    const split = sentenceSplitters[language]
    const lines = readLines(file).slice(0, 600)
    const annotate = oneByOne(await createAnnotator({ language }))
    const withOwn = oneByOne(await createAnnotator({ language, phrases: [own], entities: [own] }))
    const found = { phrases: 0, entities: 0 }
    const first = lines.map((line) => annotate(line, split(line)))
    for (const [index, line] of lines.entries()) {
      found.phrases += first[index].phrases.length / 2
      found.entities += first[index].entities.length / 2
      t.deepEqual(flaws(line, split(line), first[index]), [])
      t.deepEqual(flaws(line, split(line), withOwn(line, split(line))), [])
    }
    t.true(found.phrases > least.phrases && found.entities > least.entities, JSON.stringify(found))

    const together = await createAnnotator({ language })
    t.deepEqual(together(lines.map((text) => ({ text, sentenceEnds: split(text) }))), first)

    // Backwards with one that has seen the whole, and with a new one.
    const fresh = oneByOne(await createAnnotator({ language }))
    for (const index of [...lines.keys()].reverse()) {
      const ends = split(lines[index])
      t.deepEqual(annotate(lines[index], ends), first[index])
      t.deepEqual(fresh(lines[index], ends), first[index])
    }
  })
}

for (const language of ['en', 'zh'] as const) {
  test(`annotation of any text (${language})`, async (t) => {
    const annotate = oneByOne(await createAnnotator({ language }))
    const together = await createAnnotator({ language })
    const fresh = oneByOne(await createAnnotator({ language }))
    const part = fc.oneof(
      fc.constantFrom(
        ...'.,!?·《》。年月日9 -\'’"$\u0301\u200b\u00a0\ud800\t',
        'Don',
        't',
        "don't",
        'New York',
        'of',
        'U.S.',
        'cannot',
      ),
      fc.constantFrom(
        '1980s',
        '5th4',
        'x9',
        '北京',
        '李',
        '明',
        '𠀀',
        'é',
        'ЖЗ',
        '😀',
        'May',
        '2001',
        'U',
        '__proto__',
        'constructor',
      ),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    )
    const texts = fc
      .sample(fc.array(part, { maxLength: 25 }), { numRuns: 600, seed: 5 })
      .map((parts) => parts.join(''))
    const first = texts.map((text) => {
      const ends = sentenceSplitters[language](text)
      const annotation = annotate(text, ends)
      t.deepEqual(flaws(text, ends, annotation), [], text)
      return annotation
    })
    const paragraphs = texts.map((text) => ({ text, sentenceEnds: sentenceSplitters[language](text) }))
    t.deepEqual(together(paragraphs), first)
    for (let index = texts.length - 1; index >= 0; index--) {
      t.deepEqual(fresh(texts[index], sentenceSplitters[language](texts[index])), first[index], texts[index])
    }
  })
}
