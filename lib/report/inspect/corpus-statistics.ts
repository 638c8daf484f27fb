import type { Corpus, Document } from '../../data/corpus.ts'
import { createPermutation } from '../../data/permutation.ts'
import { histogramOf } from './histogram.ts'
import type { CorpusStatistics } from './inspection.ts'

const windowLength = 512
const mostWindows = 2000
const mostDocuments = 10_000
const mostFrequent = 30
const mostSources = 12

/**
 * Figures of a corpus from a sample: up to 10,000 documents, for what documents are, and up to 2,000 windows of 512
 * tokens, for what is in the text; all of it where there is no more. Nothing else of a large corpus is read.
 */
export function corpusStatistics(corpus: Corpus, seed: number): Omit<CorpusStatistics, 'tasks'> {
  const documents = sampleDocuments(corpus, seed)
  const text = sampleText(corpus, seed)
  const share = (tokens: number) => tokens / text.tokens
  const sources = ranked(documents.sources)
  const named = sources.slice(0, mostSources)
  return {
    sampled: { documents: documents.lengths.length, tokens: text.tokens, sentences: text.sentences.length },
    documentLengths: histogramOf(documents.lengths),
    sentenceLengths: histogramOf(text.sentences),
    phraseShare: share(text.phrases),
    entityShare: share(text.entities),
    distinctTokens: text.frequencies.reduce((sum, count) => sum + Number(count > 0), 0),
    frequentTokens: mostFrequentOf(text.frequencies).map((id) => ({
      piece: corpus.vocabulary.tokens[id],
      count: text.frequencies[id],
    })),
    sources: named,
    otherSources: sources.length - named.length,
    labels: corpus.labels.map((name) => ({ name, documents: documents.labels.get(name) ?? 0 })),
  }
}

function sampleDocuments(corpus: Corpus, seed: number) {
  const lengths: number[] = []
  const sources = new Map<string, number>()
  const labels = new Map<string, number>()
  for (const index of indicesOfSample(corpus.documentCount, mostDocuments, seed, 'inspected documents')) {
    const { tokens, source, label } = corpus.document(index)
    lengths.push(tokens.length)
    addOne(sources, source)
    if (label >= 0) addOne(labels, corpus.labels[label])
  }
  return { lengths, sources, labels }
}

/** Sentences are those that begin in a window, so that each is as likely to be met as any other. */
function sampleText(corpus: Corpus, seed: number) {
  const frequencies = new Uint32Array(corpus.vocabulary.size)
  const sentences: number[] = []
  const found = { tokens: 0, phrases: 0, entities: 0 }
  const windows = Math.ceil(corpus.tokenCount / windowLength)
  for (const window of indicesOfSample(windows, mostWindows, seed, 'inspected windows')) {
    const end = Math.min((window + 1) * windowLength, corpus.tokenCount)
    for (let token = window * windowLength; token < end; ) {
      const index = corpus.documentAt(token)
      const document = corpus.document(index)
      const from = token - corpus.documentStart(index)
      const to = Math.min(document.tokens.length, from + end - token)
      for (let place = from; place < to; place++) frequencies[document.tokens[place]]++
      found.phrases += covered(document.phrases, from, to)
      found.entities += covered(document.entities, from, to)
      addSentences(document, from, to, sentences)
      found.tokens += to - from
      token += to - from
    }
  }
  return { frequencies, sentences, ...found }
}

/** Indices of what is sampled of `count` things: all where they are not more than `most`. */
function* indicesOfSample(count: number, most: number, seed: number, name: string): Generator<number> {
  const order = count > most ? createPermutation(count, seed, name) : (index: number) => index
  for (let index = 0; index < Math.min(count, most); index++) yield order(index)
}

/** How many of the tokens `from` to `to - 1` lie in spans (first token, end, first token, …). */
function covered(spans: Uint32Array, from: number, to: number): number {
  let tokens = 0
  for (let index = firstAbove(spans, from, 2, 1); index < spans.length && spans[index] < to; index += 2) {
    tokens += Math.min(spans[index + 1], to) - Math.max(spans[index], from)
  }
  return tokens
}

function addSentences({ sentences }: Document, from: number, to: number, lengths: number[]): void {
  const count = sentences.length - 1
  for (let index = firstAbove(sentences, from - 1, 1, 0); index < count && sentences[index] < to; index++) {
    lengths.push(sentences[index + 1] - sentences[index])
  }
}

/** Start of the first record (of `size` ascending values) whose value at `field` is greater than `value`. */
function firstAbove(values: Uint32Array, value: number, size: number, field: number): number {
  let low = 0
  let high = values.length / size
  while (low < high) {
    const middle = (low + high) >>> 1
    if (values[size * middle + field] > value) high = middle
    else low = middle + 1
  }
  return size * low
}

function mostFrequentOf(frequencies: Uint32Array): number[] {
  const ids = Array.from(frequencies.keys()).filter((id) => frequencies[id] > 0)
  return ids.sort((a, b) => frequencies[b] - frequencies[a] || a - b).slice(0, mostFrequent)
}

const addOne = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)

/** The most frequent first, equals in the order of their names. */
function ranked(counts: Map<string, number>): { name: string; documents: number }[] {
  return Array.from(counts, ([name, documents]) => ({ name, documents })).sort(
    (a, b) => b.documents - a.documents || (a.name < b.name ? -1 : 1),
  )
}
