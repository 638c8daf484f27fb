import { type Corpus, TokenFlag } from '../../lib/data/corpus.ts'
import { type DrawnInput, drawSlot } from '../../lib/data/draw.ts'
import type { Input, SentenceTask, TokenTask } from '../../lib/data/task.ts'

/** Inputs as a step of training has them, of one sentence task or none and any token tasks. */
export function drawInputs(
  corpus: Corpus,
  sentence: SentenceTask | null,
  tokenTasks: TokenTask[],
  { count = 200, maxLength = 128, progress = 0, step = 0 } = {},
): DrawnInput[] {
  const tasks = [...tokenTasks, ...(sentence ? [sentence] : [])]
  const source = {
    seed: 17,
    maxLength,
    corpora: { text: corpus },
    tasks: Object.fromEntries(tasks.map((task) => [task.name, task])),
  }
  const plan = {
    step,
    stage: 0,
    progress,
    sentenceTask: sentence?.name ?? null,
    taskId: 1,
    tokenTasks: tokenTasks.map(({ name }) => name),
    corpus: 'text',
    slots: count,
    firstSlot: 0,
  }
  return Array.from({ length: count }, (_, slot) => drawSlot(source, plan, slot))
}

/** Where each position of an input stood: its document and token, null for special tokens.. */
export function placesOf(corpus: Corpus, input: Input): ({ document: number; token: number } | null)[] {
  const places: ({ document: number; token: number } | null)[] = Array.from(input.ids, () => null)
  for (const { document, start, end, position } of input.spans) {
    const { tokens } = corpus.document(document)
    for (let token = start; token < end; token++) {
      const at = position + token - start
      if (places[at] !== null || tokens[token] !== input.ids[at])
        throw new Error(`position ${at} is not token ${token} of document ${document}`)
      places[at] = { document, token }
    }
  }
  return places
}

/** The words of a document, as `from`, `end` and the text of their pieces. */
export function wordsOf(corpus: Corpus, document: number): { from: number; end: number; text: string }[] {
  const { tokens, flags } = corpus.document(document)
  const starts = [...flags.keys()].filter((token) => flags[token] & TokenFlag.wordStart)
  return starts.map((from, index) => {
    const end = starts[index + 1] ?? tokens.length
    const pieces = Array.from(tokens.subarray(from, end), (id) => corpus.vocabulary.tokens[id])
    return { from, end, text: pieces.join(' ') }
  })
}

/** Whether a count is within five standard deviations of the binomial distribution. */
export function isLikely(count: number, total: number, share: number): boolean {
  return Math.abs(count - total * share) <= 5 * Math.sqrt(total * share * (1 - share))
}
