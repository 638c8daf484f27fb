import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { openCorpus } from '../../lib/data/corpus.ts'
import { prepare } from '../../lib/data/prepare.ts'
import { vocabularyText } from '../../lib/tokenizer/vocabulary.ts'
import { smallVocabulary } from '../helpers/corpus.ts'
import { scratch } from '../helpers/directory.ts'

const directory = scratch(test)
const vocabulary = smallVocabulary(['the', 'big', 'cat', 'sat', 'new', 'york', 'is', 'far', 'in'])

/** Prepares a text with the spans of a file beside it. */
async function prepared(spans: string) {
  const work = directory()
  const file = (name: string, text: string) => {
    writeFileSync(join(work, name), text)
    return join(work, name)
  }
  const out = join(work, 'corpus')
  const report = prepare({
    inputs: [file('text.txt', 'The big cat sat.\n𝒳 sat.\n\nNew York is far. In New York.\n')],
    vocabulary: file('vocab.txt', vocabularyText(vocabulary)),
    spans: file('spans.tsv', spans),
    out,
    language: 'en',
    lowerCase: true,
  })
  return { out, report }
}

test('spans of a file beside the text lie at the tokens of their lines', async (t) => {
  const { out, report } = await prepared(
    '1\t4\t11\tphrase\n2\t2\t5\tentity\n4\t0\t8\tentity\n4\t20\t28\tentity\n',
  )
  await report
  const corpus = openCorpus(out)
  t.true(corpus.annotated)
  const [first, second] = [corpus.document(0), corpus.document(1)]
  const pieces = (document: typeof first, spans: Uint32Array) =>
    Array.from({ length: spans.length / 2 }, (_, index) =>
      [...document.tokens.subarray(spans[2 * index], spans[2 * index + 1])]
        .map((id) => vocabulary.tokens[id])
        .join(' '),
    )
  t.deepEqual(pieces(first, first.phrases), ['big cat'])
  t.deepEqual(pieces(first, first.entities), ['sat'])
  t.deepEqual(pieces(second, second.entities), ['new york', 'new york'])
  t.deepEqual([...second.entities], [0, 2, 6, 8])
})

test('spans that do not fit the text are refused, and nothing is left', async (t) => {
  for (const [spans, message] of [
    ['1\t4\t99\tphrase\n', /spans\.tsv line 1/],
    ['9\t0\t1\tphrase\n', /spans\.tsv line 1/],
    ['1\t4\t7\tnoun\n', /spans\.tsv line 1.*noun/],
  ] as const) {
    const { out, report } = await prepared(spans)
    await t.throwsAsync(report, { code: 'SPANS_INVALID', message })
    t.false(existsSync(out))
  }
})
