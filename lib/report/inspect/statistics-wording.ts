import type { CorpusFacts, CorpusStatistics, Histogram, Inspection, TaskBalance } from './inspection.ts'
import { grouped, percent } from './numbers.ts'

/** What kind of corpus it is. */
export function describeCorpus({ kind, language, lowerCase, annotated, vocabulary }: CorpusFacts): string {
  return [
    kind === 'pairs' ? 'labelled pairs' : 'running text',
    `language ${language}`,
    lowerCase ? 'lower-cased' : 'cased',
    annotated ? 'annotated' : 'not annotated',
    `vocabulary of ${grouped(vocabulary)} pieces`,
  ].join(', ')
}

/** How much the corpus holds, as names, values and remarks. */
export function factsOf(
  { annotated, counts }: CorpusFacts,
  statistics: CorpusStatistics,
): [string, string, string][] {
  const { documents, paragraphs, sentences, words, tokens, unknown, phrases, entities } = counts
  const per = (count: number, whole: number, what: string) => `${(count / whole).toFixed(1)} a ${what}`
  const inSpans = (share: number) => `${percent(share)} of the tokens`
  return [
    ['documents', grouped(documents), ''],
    ['paragraphs', grouped(paragraphs), per(paragraphs, documents, 'document')],
    ['sentences', grouped(sentences), per(sentences, paragraphs, 'paragraph')],
    ['words', grouped(words), per(words, sentences, 'sentence')],
    ['tokens', grouped(tokens), `${(tokens / words).toFixed(2)} a word`],
    ['unknown', grouped(unknown), `${((100 * unknown) / tokens).toFixed(2)} % of the tokens are [UNK]`],
    ...(annotated
      ? ([
          ['phrases', grouped(phrases), inSpans(statistics.phraseShare)],
          ['entities', grouped(entities), inSpans(statistics.entityShare)],
        ] as [string, string, string][])
      : []),
  ]
}

/** What the figures that are not of the whole corpus come from. */
export function describeSample({ corpus: { counts } }: Inspection, { sampled }: CorpusStatistics): string {
  const of = (some: number, all: number, what: string) =>
    some === all ? `all ${grouped(all)} ${what}` : `${grouped(some)} of ${grouped(all)} ${what}`
  return (
    `Lengths, sources and labels are those of ${of(sampled.documents, counts.documents, 'documents')}; sentences and ` +
    `frequent tokens those of ${of(sampled.tokens, counts.tokens, 'tokens')}.`
  )
}

/** `median 12, mean 14.1, 95 % up to 30, longest 120`. */
export function describeLengths({ median, mean, percentile95, longest }: Histogram): string {
  return `median ${grouped(median)}, mean ${grouped(mean)}, 95 % up to ${grouped(percentile95)}, longest ${grouped(longest)}`
}

/** The lengths of a bin: `8–15`. */
export const binName = ({ from, to }: { from: number; to: number }): string =>
  from === to ? grouped(from) : `${grouped(from)}–${grouped(to)}`

/** What the labels of a task come from. */
export function describeBalance({
  predicts,
  inputs,
  meanLength,
  labels,
  labelledShare,
}: TaskBalance): string {
  const drawn = `${grouped(inputs)} inputs of ${grouped(meanLength)} tokens on average`
  if (predicts === 'class') return drawn
  const what = predicts === 'tokens' ? 'drawn' : 'labelled'
  return `${drawn}, ${percent(labelledShare)} of the text's tokens ${what} (${grouped(labels)})`
}

/** The classes to list: all of few, else the most frequent of them. */
export function classesToList(
  { classes }: TaskBalance,
  most: number,
): { shown: TaskBalance['classes']; more: number } {
  if (classes.length <= most) return { shown: classes, more: 0 }
  const shown = [...classes].sort((a, b) => b.count - a.count).slice(0, most)
  return { shown, more: classes.length - most }
}
